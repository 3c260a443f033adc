import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** Cannot be unwrapped: another master key wrapped it, or it belongs to another name, or it was damaged. */
export class NotUnwrapped extends Error {
  constructor(name: string, options?: ErrorOptions) {
    super(`what is kept for ${name} cannot be unwrapped with this master key`, options);
    this.name = 'NotUnwrapped';
  }
}

/**
 * Encrypts under the master key and binds the result to a name, so that rows cannot be exchanged.
 *
 * @returns nonce (12 bytes), ciphertext and tag (16 bytes)
 */
export function wrap(masterKey: Uint8Array, name: string, secret: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, masterKey, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** @throws NotUnwrapped */
export function unwrap(masterKey: Uint8Array, name: string, wrapped: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv(CIPHER, masterKey, wrapped.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(name))
      .setAuthTag(wrapped.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new NotUnwrapped(name, { cause });
  }
}
