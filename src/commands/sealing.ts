import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { KeyStore } from '../ports/keyStore.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const accountSubject = (accountId: string): string => `account:${accountId}`;

/** What belongs to no account is sealed with the key of its month. */
export const activitySubject = (at: Timestamp): string => `activity:${at.slice(0, 4)}${at.slice(5, 7)}`;

/** Seals and opens personal data and secrets (design section 2, "No secret and no personal datum is in clear"). */
export class Sealing {
  constructor(private readonly keys: KeyStore) {}

  /** @param binding where it stands, `<event id>/<field>`: the box opens nowhere else */
  async seal(subject: string, binding: string, plain: string): Promise<Sealed> {
    return sealWith(await this.keys.ensure(subject), subject, binding, plain);
  }

  /** @returns the plain text, or null if the subject's key was destroyed (it reads as erased) */
  async open(sealed: Sealed, binding: string): Promise<string | null> {
    const key = await this.keys.get(sealed.subject);
    return key === undefined || key === 'destroyed' ? null : openWith(key, sealed, binding);
  }

  /** HMAC-SHA-256 in hex under the instance's key, to look up what is sealed. */
  async lookup(purpose: string, value: string): Promise<string> {
    const key = await this.keys.ensure('instance:lookup');
    return createHmac('sha256', key).update(`${purpose}\0${value}`).digest('hex');
  }
}

function sealWith(key: Uint8Array, subject: string, binding: string, plain: string): Sealed {
  const box = Buffer.allocUnsafe(NONCE_BYTES);
  randomFillSync(box);
  const cipher = createCipheriv('aes-256-gcm', key, box, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(binding));
  const text = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { subject, box: Buffer.concat([box, ...text]).toString('base64url') };
}

function openWith(key: Uint8Array, sealed: Sealed, binding: string): string {
  const box = Buffer.from(sealed.box, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(binding))
    .setAuthTag(box.subarray(-TAG_BYTES));
  return decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
