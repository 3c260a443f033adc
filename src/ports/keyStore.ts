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

/** What a key store keeps under one name, in the clear. */
export type KeptKey =
  | {
      readonly kind: 'key';
      readonly name: string;
      /** 32 bytes. */
      readonly key: Uint8Array | 'destroyed';
    }
  | { readonly kind: 'secret'; readonly name: string; readonly secret: string };

/**
 * Carries all keys from one store into another, which wraps them by its own master key. Apart from `KeyStore`, because
 * who serves requests has no business with all keys at once.
 */
export interface KeyTransfer {
  /** Every key, every tombstone of a destroyed one and every secret, in no order; what the store keeps for itself is not among them. */
  entries(): AsyncIterable<KeptKey>;

  /**
   * Keeps them durably. What is there as the same already is fine, and a key that is there is destroyed if its tombstone
   * comes. Those before the one that is refused may be kept.
   *
   * @throws KeyTaken
   */
  take(entries: readonly KeptKey[]): Promise<void>;
}

/** Another key or secret is kept under the name, or its key was destroyed: the store belongs to another log. */
export class KeyTaken extends Error {
  constructor({ kind, name }: KeptKey) {
    super(`the key store keeps another ${kind} for ${name} already`);
    this.name = 'KeyTaken';
  }
}

export class KeyDestroyed extends Error {
  constructor(readonly subject: string) {
    super(`the key of ${subject} was destroyed`);
    this.name = 'KeyDestroyed';
  }
}
