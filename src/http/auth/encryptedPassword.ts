import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isJsonObject } from '../../domain/shared/json.js';

const IV_BYTES = 16;

/**
 * Passwords that clients may store: base64 of IV and AES-256-CBC over `{"password": …}` (contract: conventions §2).
 * Worth as much as the password on this registry, and nothing elsewhere.
 */
export class EncryptedPasswords {
  constructor(private readonly key: Uint8Array) {}

  encrypt(password: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-cbc', this.key, iv);
    return Buffer.concat([iv, cipher.update(JSON.stringify({ password }), 'utf8'), cipher.final()]).toString('base64');
  }

  /** @returns the password, or undefined if the text is none of ours */
  decrypt(text: string): string | undefined {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.byteLength < 2 * IV_BYTES || bytes.byteLength % IV_BYTES !== 0) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-cbc', this.key, bytes.subarray(0, IV_BYTES));
      const plain: unknown = JSON.parse(
        decipher.update(bytes.subarray(IV_BYTES), undefined, 'utf8') + decipher.final('utf8'),
      );
      return isJsonObject(plain) && typeof plain['password'] === 'string' ? plain['password'] : undefined;
    } catch {
      // Neither padding nor JSON: somebody's plain password that happens to be base64.
      return undefined;
    }
  }
}

/** The AES key in a configured `SECRET_KEY`, in Quay's way of reading it: number, UUID, or characters; cut to 32 bytes. */
export function clientKeyOf(secretKey: string): Uint8Array {
  const bytes = bytesOf(secretKey);
  if (bytes.byteLength === 0) return createHash('sha256').update(secretKey).digest();
  return Buffer.alloc(32, bytes);
}

function bytesOf(secretKey: string): Buffer {
  if (/^[0-9]+$/.test(secretKey)) {
    const hex = BigInt(secretKey).toString(16);
    if (hex.length % 2 === 0) return Buffer.from(hex, 'hex');
  }
  const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(secretKey);
  return uuid ? Buffer.from(secretKey.replaceAll('-', ''), 'hex') : Buffer.from(secretKey, 'latin1');
}
