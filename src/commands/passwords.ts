/** Argon2id in PHC form, off the event loop; the parameters are the adapter's. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Constant-time. A null hash takes as long and answers false, so that nobody learns which accounts exist. */
  verify(hash: string | null, password: string): Promise<boolean>;
}
