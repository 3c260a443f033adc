import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { RepositoryId } from '../domain/shared/ids.js';
import { timestamp, type Timestamp } from '../domain/shared/time.js';
import type { UploadId } from '../ports/blobStore.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When the session of an id was begun, whoever it was issued to; undefined if it is no such id. */
export const startOf = (id: string): Timestamp | undefined =>
  UUID.test(id) ? timestamp(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) : undefined;

/** A clock that is set back farther is believed. */
const SET_BACK_MILLISECONDS = 1_000;

/** Whose upload it is: an id serves one repository and one subject. */
export type UploadOwner = { readonly repositoryId: RepositoryId; readonly subject: string };

/**
 * Ids of upload sessions: UUIDs of version 8 (RFC 9562 section 5.8) that carry their start and a seal over their owner.
 * So a session that has no bytes yet needs no record anywhere, on whichever node it goes on, and beginning an upload
 * costs no write.
 *
 * Layout: 48 bits of milliseconds, version, 12 bits of counter, variant, 22 random bits of the process, 40 bits of
 * HMAC-SHA-256. One process counts, also while its clock stands still or steps back; two have other random bits.
 */
export class UploadIds {
  readonly #key: KeyObject;
  /** With the variant before them. */
  readonly #process = (0x800000 | (randomBytes(3).readUIntBE(0, 3) & 0x3fffff)).toString(16);
  #time = 0;
  #counter = Math.floor(Math.random() * 0x1000);

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  issue(owner: UploadOwner, now: number): UploadId {
    this.#counter = (this.#counter + 1) % 0x1000;
    const isBefore = now <= this.#time && now > this.#time - SET_BACK_MILLISECONDS;
    if (!isBefore) this.#time = now;
    else if (this.#counter === 0) this.#time++;
    const head = this.#time.toString(16).padStart(12, '0') + this.#counter.toString(16).padStart(3, '0');
    return this.#assemble(head, this.#process, owner);
  }

  /** When the session was begun, or undefined if the id was not issued to this owner. */
  begun(id: string, owner: UploadOwner): Timestamp | undefined {
    if (!UUID.test(id)) return undefined;
    const digits = id.replaceAll('-', '');
    const head = digits.slice(0, 12) + digits.slice(13, 16);
    const genuine = this.#assemble(head, digits.slice(16, 22), owner);
    return timingSafeEqual(Buffer.from(id), Buffer.from(genuine)) ? startOf(id) : undefined;
  }

  /** @param head 48 bits of time and 12 bits of counter, as 15 hex digits */
  #assemble(head: string, process: string, { repositoryId, subject }: UploadOwner): UploadId {
    const sealed = `${head}${process}\0${repositoryId}\0${subject}`;
    const seal = createHmac('sha256', this.#key).update(sealed).digest().toString('hex', 0, 5);
    const tail = process + seal;
    const parts = [head.slice(0, 8), head.slice(8, 12), `8${head.slice(12)}`, tail.slice(0, 4), tail.slice(4)];
    return parts.join('-') as UploadId;
  }
}
