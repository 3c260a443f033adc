/** Where a program finds the token that the registry provisions for it (contract: superuser §9). */
export interface TokenPlace {
  /** @returns what was written there last; undefined if nothing is there */
  read(): Promise<string | undefined>;
  /** Replaces what is there, as a whole; nobody but its owner can read it. */
  write(token: string): Promise<void>;
  /** Nothing is there afterwards. */
  remove(): Promise<void>;
}
