import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import { KeyDestroyed, type KeyStore } from '../ports/keyStore.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREPARED_KEYS = 10_000;

export const accountSubject = (accountId: string): string => `account:${accountId}`;

/** Tokens of robots, secrets of applications, addresses of organizations. */
export const namespaceSubject = (namespaceId: string): string => `namespace:${namespaceId}`;

/** What belongs to no account is sealed with the key of its month. */
export const activitySubject = (at: Timestamp): string => `activity:${at.slice(0, 4)}${at.slice(5, 7)}`;

/** So much of what a client says of itself is kept, in characters: events stay small, whatever it sends. */
export const CLIENT_TEXT = 512;

/** Seals and opens personal data and secrets (design section 2, "No secret and no personal datum is in clear"). */
export class Sealing {
  /** Keys in the form that ciphers take quickly. A subject has one key in all its life, so they cannot be stale. */
  readonly #prepared = new LRUCache<string, KeyObject>({ max: PREPARED_KEYS });

  constructor(private readonly keys: KeyStore) {}

  /** @param binding where it stands, `<event id>/<field>`: the box opens nowhere else */
  async seal(subject: string, binding: string, plain: string): Promise<Sealed> {
    return sealWith(this.#prepare(subject, await this.keys.ensure(subject)), subject, binding, plain);
  }

  /** Address and user agent; null where nothing is known, or where nobody could read it again: the key was destroyed. */
  async sealClient(
    subject: string,
    binding: string,
    { ip, userAgent }: { readonly ip: string | null; readonly userAgent: string | null },
  ): Promise<{ readonly ip: Sealed | null; readonly userAgent: Sealed | null }> {
    const seal = (field: string, plain: string | null) =>
      plain === null ? null : this.seal(subject, `${binding}/${field}`, plain.slice(0, CLIENT_TEXT));
    try {
      return { ip: await seal('ip', ip), userAgent: await seal('userAgent', userAgent) };
    } catch (error) {
      if (error instanceof KeyDestroyed) return { ip: null, userAgent: null };
      throw error;
    }
  }

  /** @returns the plain text, or null if the subject's key was destroyed (it reads as erased) */
  async open(sealed: Sealed, binding: string): Promise<string | null> {
    const key = await this.keys.get(sealed.subject);
    if (key === undefined) return null;
    if (key === 'destroyed') {
      // By another process, perhaps.
      this.#prepared.delete(sealed.subject);
      return null;
    }
    return openWith(this.#prepare(sealed.subject, key), sealed, binding);
  }

  /** What was sealed for the subject reads as erased from now on, and nothing can be sealed for it any more. */
  async destroy(subject: string): Promise<void> {
    await this.keys.destroy(subject);
    this.#prepared.delete(subject);
  }

  /** HMAC-SHA-256 in hex under the instance's key, to look up what is sealed. */
  async lookup(purpose: string, value: string): Promise<string> {
    const key = this.#prepare('instance:lookup', await this.keys.ensure('instance:lookup'));
    return createHmac('sha256', key).update(`${purpose}\0${value}`).digest('hex');
  }

  #prepare(subject: string, key: Uint8Array): KeyObject {
    let prepared = this.#prepared.get(subject);
    if (!prepared) this.#prepared.set(subject, (prepared = createSecretKey(key)));
    return prepared;
  }
}

function sealWith(key: KeyObject, subject: string, binding: string, plain: string): Sealed {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(binding));
  const text = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { subject, box: Buffer.concat([nonce, ...text]).toString('base64url') };
}

const pool = Buffer.alloc(NONCE_BYTES * 256);
let used = pool.byteLength;

/** Random bytes are drawn for many nonces at a time: each draw costs more than the encryption. None is used twice. */
function freshNonce(): Uint8Array {
  if (used === pool.byteLength) {
    randomFillSync(pool);
    used = 0;
  }
  return Uint8Array.prototype.slice.call(pool, used, (used += NONCE_BYTES));
}

function openWith(key: KeyObject, sealed: Sealed, binding: string): string {
  const box = Buffer.from(sealed.box, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(binding))
    .setAuthTag(box.subarray(-TAG_BYTES));
  return decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
