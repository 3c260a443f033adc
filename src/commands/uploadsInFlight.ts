import type { OperationalStore } from '../ports/operationalStore.js';
import { DomainError } from '../domain/shared/errors.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import type { UploadRecord } from './uploads.js';

/** One subject has more unfinished uploads than it may have. */
export class TooManyUploads extends DomainError {
  readonly code = 'too-many-uploads';
  constructor(limit: number) {
    super(`more than ${limit} uploads are unfinished: finish or cancel some, and try again`, { limit });
  }
}

const PAGE = 500;

/** Counts the unfinished uploads that hold bytes, for each subject: what a client can make grow has a limit. */
export class UploadsInFlight {
  /** By subject and upload: when the upload ends by itself. */
  readonly #bySubject = new Map<string, Map<string, Timestamp | null>>();

  constructor(private readonly limit: number) {}

  /** Counts what an earlier process left. */
  async load(operational: OperationalStore): Promise<void> {
    for (let after = ''; ;) {
      const page = await operational.list<UploadRecord>('uploads', { after, limit: PAGE });
      for (const { key, value, due } of page) if (value.state === 'open') this.opened(key, value.owner.subject, due);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.key;
    }
  }

  /** @throws TooManyUploads */
  check(subject: string, now: Timestamp): void {
    const uploads = this.#bySubject.get(subject);
    if (!uploads || uploads.size < this.limit) return;
    for (const [upload, end] of uploads) if (!isAlive(end, now)) this.ended(upload, subject);
    if (uploads.size >= this.limit) throw new TooManyUploads(this.limit);
  }

  opened(upload: string, subject: string, end: Timestamp | null): void {
    const uploads = this.#bySubject.get(subject);
    if (uploads) uploads.set(upload, end);
    else this.#bySubject.set(subject, new Map([[upload, end]]));
  }

  ended(upload: string, subject: string): void {
    const uploads = this.#bySubject.get(subject);
    uploads?.delete(upload);
    if (uploads?.size === 0) this.#bySubject.delete(subject);
  }
}
