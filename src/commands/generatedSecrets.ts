import { randomFillSync } from 'node:crypto';

export const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A secret that nobody can guess: each character is equally likely (contract: conventions §11 has the forms). */
export function generatedSecret(length: number, alphabet: string): string {
  // Bytes beyond the last whole multiple of the alphabet would make its first characters likelier.
  const usable = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomFillSync(Buffer.alloc(length - text.length))) {
      if (byte < usable) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
