import type { OperationalStore } from '../ports/operationalStore.js';
import { DomainError } from '../domain/shared/errors.js';
import { isAlive, plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { UploadRecord } from './uploads.js';

/** One subject has more unfinished uploads than it may have. */
export class TooManyUploads extends DomainError {
  readonly code = 'too-many-uploads';
  constructor(limit: number) {
    super(`more than ${limit} uploads are unfinished: finish or cancel some, and try again`, { limit });
  }
}

const PAGE = 500;
/** Who has no room is not looked up more often. */
const RECOUNT_SECONDS = 5;

type Counted = {
  /** When the upload ends by itself. */
  readonly end: Timestamp | null;
  /** Whether it has a record: until then nobody else knows of it. */
  readonly written: boolean;
};

type Subject = { readonly uploads: Map<string, Counted>; recounted: Timestamp | undefined };

/**
 * Counts the unfinished uploads that hold bytes, for each subject: what a client can make grow has a limit.
 *
 * A process counts those that it fed, and those that it found at its start. Where several processes take uploads, one that
 * ended elsewhere is noticed when there seems to be no room; one that began elsewhere is not, so that a subject has at most
 * as many times the limit as there are processes.
 */
export class UploadsInFlight {
  readonly #subjects = new Map<string, Subject>();

  constructor(
    private readonly limit: number,
    private readonly operational: OperationalStore,
  ) {}

  /** Counts what earlier processes left. */
  async load(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.operational.list<UploadRecord>('uploads', { after, limit: PAGE });
      for (const { key, value, due } of page) if (value.state === 'open') this.opened(key, value.owner.subject, due);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.key;
    }
  }

  /** @throws TooManyUploads */
  async check(subject: string, now: Timestamp): Promise<void> {
    if (this.#hasRoom(subject, now)) return;
    await this.#recount(subject, now);
    if (!this.#hasRoom(subject, now)) throw new TooManyUploads(this.limit);
  }

  /** Counts an upload that is about to take its first byte. @throws TooManyUploads */
  async reserve(upload: string, subject: string, end: Timestamp, now: Timestamp): Promise<void> {
    // Where there is room nothing is waited for: of two at once the other one finds it taken.
    if (!this.#hasRoom(subject, now)) await this.check(subject, now);
    this.#count(upload, subject, { end, written: false });
  }

  /** The upload has a record. */
  opened(upload: string, subject: string, end: Timestamp | null): void {
    this.#count(upload, subject, { end, written: true });
  }

  ended(upload: string, subject: string): void {
    const uploads = this.#subjects.get(subject)?.uploads;
    uploads?.delete(upload);
    if (uploads?.size === 0) this.#subjects.delete(subject);
  }

  #count(upload: string, name: string, counted: Counted): void {
    const subject = this.#subjects.get(name);
    if (subject) subject.uploads.set(upload, counted);
    else this.#subjects.set(name, { uploads: new Map([[upload, counted]]), recounted: undefined });
  }

  #hasRoom(name: string, now: Timestamp): boolean {
    const uploads = this.#subjects.get(name)?.uploads;
    if (!uploads || uploads.size < this.limit) return true;
    for (const [upload, { end }] of uploads) if (!isAlive(end, now)) this.ended(upload, name);
    return uploads.size < this.limit;
  }

  async #recount(name: string, now: Timestamp): Promise<void> {
    const subject = this.#subjects.get(name);
    if (!subject || (subject.recounted !== undefined && plusSeconds(subject.recounted, RECOUNT_SECONDS) > now)) return;
    subject.recounted = now;
    const written = [...subject.uploads].flatMap(([upload, counted]) => (counted.written ? [upload] : []));
    const records = await this.operational.getMany<UploadRecord>('uploads', written);
    for (const [index, upload] of written.entries()) {
      if (records[index]?.value.state !== 'open') this.ended(upload, name);
    }
  }
}
