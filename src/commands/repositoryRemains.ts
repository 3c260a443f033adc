import type { RepositoryId } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { BlobStore, UploadId } from '../ports/blobStore.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { HOLDS, type HoldRecord } from './contents.js';
import { UPLOADS, type UploadRecord } from './uploads.js';
import type { UploadsInFlight } from './uploadsInFlight.js';

const PAGE = 500;

/** What is kept for a repository beside its events: it would run out by itself, but after days and with its bytes. */
export class RepositoryRemains {
  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly blobs: BlobStore;
      readonly inFlight: UploadsInFlight;
    },
  ) {}

  /**
   * Ends the unfinished uploads of a repository that was deleted, and drops its holds. Doing it again changes nothing.
   *
   * @throws StoreUnavailable; the signal's reason when it aborts
   */
  async drop(repositoryId: RepositoryId, signal: AbortSignal): Promise<void> {
    for await (const upload of this.#all<UploadRecord>(UPLOADS, '', signal)) {
      const { state, owner } = upload.value;
      if (state === 'open' && owner.repositoryId === repositoryId) await this.#end(upload);
    }
    for await (const { key } of this.#all<HoldRecord>(HOLDS, `${repositoryId}/`, signal)) {
      await this.deps.operational.write([{ kind: 'delete', collection: HOLDS, key }]);
    }
  }

  /**
   * Bytes first, so that a crash in between is made up for by the next try. The record stays until the id has run out:
   * it must not come to life again.
   */
  async #end({ key, version, value, due }: OperationalRecord<UploadRecord>): Promise<void> {
    const { operational, blobs, inFlight } = this.deps;
    await blobs.abort(key as UploadId);
    const ended: UploadRecord = { ...value, state: 'ended', offset: 0, digest: null, step: null };
    try {
      await operational.write([{ kind: 'put', collection: UPLOADS, key, value: ended, due, expected: version }]);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      const fed = await operational.get<UploadRecord>(UPLOADS, key);
      if (fed?.value.state === 'open') await this.#end(fed);
      return;
    }
    inFlight.ended(key, value.owner.subject);
  }

  async *#all<Value extends JsonObject>(
    collection: string,
    prefix: string,
    signal: AbortSignal,
  ): AsyncGenerator<OperationalRecord<Value>, void> {
    for (let after = ''; ;) {
      signal.throwIfAborted();
      const page = await this.deps.operational.list<Value>(collection, { prefix, after, limit: PAGE });
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.key;
    }
  }
}
