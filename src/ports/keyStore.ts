/**
 * Keys of subjects (an account, an activity month, the instance), wrapped by a master key from the configuration.
 * A key is durable before `create` answers, hence before the first event that is sealed with it.
 */
export interface KeyStore {
  /** The subject's 32-byte key, made if it has none. @throws KeyDestroyed if it was destroyed */
  ensure(subject: string): Promise<Uint8Array>;
  /** @returns undefined if there never was one, 'destroyed' if there was */
  get(subject: string): Promise<Uint8Array | 'destroyed' | undefined>;
  /**
   * Forgets the key for good; what it sealed reads as erased from now on (crypto-shredding). A subject that has none
   * yet can get none any more.
   */
  destroy(subject: string): Promise<void>;
  /**
   * A secret that is not a symmetric key (a private key in PEM), made by `make` if it is not there; of several that are
   * made at once all callers get the one that was stored first.
   */
  ensureSecret(name: string, make: () => Promise<string>): Promise<string>;
}

export class KeyDestroyed extends Error {
  constructor(readonly subject: string) {
    super(`the key of ${subject} was destroyed`);
    this.name = 'KeyDestroyed';
  }
}
