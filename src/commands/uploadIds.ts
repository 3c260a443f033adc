import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { RepositoryId } from '../domain/shared/ids.js';
import { timestamp, type Timestamp } from '../domain/shared/time.js';
import type { UploadId } from '../ports/blobStore.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When the session of an id was begun, whoever it was issued to; undefined if it is no such id. */
export const startOf = (id: string): Timestamp | undefined =>
  UUID.test(id) ? timestamp(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) : undefined;

/** Whose upload it is: an id serves one repository and one subject. */
export type UploadOwner = { readonly repositoryId: RepositoryId; readonly subject: string };

/**
 * Ids of upload sessions: UUIDs of version 8 (RFC 9562 section 5.8) that carry their start and a seal over their owner.
 * So a session that has no bytes yet needs no record anywhere, on whichever node it goes on, and beginning an upload
 * costs no write.
 *
 * Layout: 48 bits of milliseconds, version, 12 random bits, variant, 62 bits of HMAC-SHA-256.
 */
export class UploadIds {
  #counter = Math.floor(Math.random() * 0x1000);

  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  issue(owner: UploadOwner, now: number): UploadId {
    this.#counter = (this.#counter + 1) % 0x1000;
    const head = now.toString(16).padStart(12, '0') + this.#counter.toString(16).padStart(3, '0');
    return this.#assemble(head, owner);
  }

  /** When the session was begun, or undefined if the id was not issued to this owner. */
  begun(id: string, owner: UploadOwner): Timestamp | undefined {
    if (!UUID.test(id)) return undefined;
    const digits = id.replaceAll('-', '');
    const head = digits.slice(0, 12) + digits.slice(13, 16);
    const genuine = timingSafeEqual(Buffer.from(id), Buffer.from(this.#assemble(head, owner)));
    return genuine ? timestamp(parseInt(digits.slice(0, 12), 16)) : undefined;
  }

  /** @param head 48 bits of time and 12 bits of counter, as 15 hex digits */
  #assemble(head: string, { repositoryId, subject }: UploadOwner): UploadId {
    const seal = createHmac('sha256', this.#key).update(`${head}\0${repositoryId}\0${subject}`).digest();
    const variant = 0x80 | ((seal[0] ?? 0) & 0x3f);
    const tail = variant.toString(16) + seal.toString('hex', 1, 8);
    const parts = [head.slice(0, 8), head.slice(8, 12), `8${head.slice(12)}`, tail.slice(0, 4), tail.slice(4)];
    return parts.join('-') as UploadId;
  }
}
