import { timingSafeEqual } from 'node:crypto';
import { KEY_BYTES, unwrap, wrap } from './wrapping.js';

/** A secret with a known text, by which a wrong master key is found out at once. */
export const PROBE = 'probe';

/** Wraps and unwraps what a key store keeps; what is kept under one name cannot be taken for what is under another. */
export class MasterKeyring {
  readonly #masterKey: Uint8Array;

  /** @param masterKey 32 bytes */
  constructor(masterKey: Uint8Array) {
    if (masterKey.length !== KEY_BYTES) throw new RangeError(`a master key has ${KEY_BYTES} bytes`);
    this.#masterKey = Uint8Array.from(masterKey);
  }

  wrapKey(subject: string, key: Uint8Array): Uint8Array {
    return wrap(this.#masterKey, keyName(subject), key);
  }

  /** @throws NotUnwrapped */
  unwrapKey(subject: string, wrapped: Uint8Array): Uint8Array {
    return unwrap(this.#masterKey, keyName(subject), wrapped);
  }

  wrapSecret(name: string, secret: string): Uint8Array {
    return wrap(this.#masterKey, secretName(name), Buffer.from(secret));
  }

  /** @throws NotUnwrapped */
  unwrapSecret(name: string, wrapped: Uint8Array): string {
    return Buffer.from(unwrap(this.#masterKey, secretName(name), wrapped)).toString();
  }
}

/** The keys were wrapped by another master key than the one that was given. */
export class WrongMasterKey extends Error {
  /** @param place where the keys are */
  constructor(place: string) {
    super(`the keys in ${place} were wrapped by another master key: give the one that they were made with`);
    this.name = 'WrongMasterKey';
  }
}

export const isSameKey = (one: Uint8Array, other: Uint8Array): boolean =>
  one.byteLength === other.byteLength && timingSafeEqual(one, other);

const keyName = (subject: string): string => `key:${subject}`;
const secretName = (name: string): string => `secret:${name}`;
