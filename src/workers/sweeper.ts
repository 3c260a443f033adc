import { ACCOUNT_CODES } from '../commands/accountCodes.js';
import { AUTHORIZATION_CODES } from '../commands/authorizations.js';
import { LAST_USES } from '../commands/lastUses.js';
import { LOGIN_FAILURES } from '../commands/loginAttempts.js';
import { MAIL_COUNTS } from '../commands/mailBrake.js';
import { startOf } from '../commands/uploadIds.js';
import type { UploadRecord } from '../commands/uploads.js';
import { millisecondsOf, plusSeconds } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import type { BlobStore, UploadId } from '../ports/blobStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { VersionConflict } from '../ports/errors.js';
import { PRESENCES } from './presence.js';

/** What the command line asked of the process that feeds the read models. */
export const PROJECTOR_REQUESTS = 'projector-requests';

const BATCH = 200;
/** A call that began while its upload could still be gone on with may take so long. */
const GRACE_SECONDS = 86_400;

/**
 * Removes what has run out: codes, counts, notes of what nobody uses or who is no more, uploads that nobody went on with, and holds (contract:
 * registry-v2 §5); and the bytes that a process left that died before it wrote down whose they are.
 */
export class Sweeper {
  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly blobs: Pick<BlobStore, 'abort' | 'listUploads' | 'sweepLeftovers'>;
      readonly clock: Clock;
      /** Whether uploads and holds are removed, too (CLEAN_BLOB_UPLOAD_FOLDER). */
      readonly sweepsUploads: boolean;
      /** How long an unfinished upload is kept. */
      readonly uploadSeconds: number;
    },
  ) {}

  /** @param signal ends the sweep after the item that it is at */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const collection of [
      AUTHORIZATION_CODES,
      ACCOUNT_CODES,
      LAST_USES,
      LOGIN_FAILURES,
      MAIL_COUNTS,
      PROJECTOR_REQUESTS,
      PRESENCES,
    ]) {
      await this.#sweepCollection(collection, () => Promise.resolve(), signal);
    }
    if (!this.deps.sweepsUploads) return;
    await this.#sweepCollection('uploads', (key) => this.deps.blobs.abort(key as UploadId), signal);
    await this.#sweepCollection('holds', () => Promise.resolve(), signal);
    await this.#sweepUploadsWithoutRecord(signal);
    await this.deps.blobs.sweepLeftovers?.(millisecondsOf(this.deps.clock.now()), signal);
  }

  /** An id tells when its session began: one that has no record can be old all the same. */
  async #sweepUploadsWithoutRecord(signal: AbortSignal): Promise<void> {
    const { operational, blobs, clock, uploadSeconds } = this.deps;
    for await (const upload of blobs.listUploads()) {
      signal.throwIfAborted();
      const begun = startOf(upload);
      if (begun === undefined || plusSeconds(begun, uploadSeconds + GRACE_SECONDS) > clock.now()) continue;
      const record = await operational.get<UploadRecord>('uploads', upload);
      if (record?.value.state !== 'open') await blobs.abort(upload);
    }
  }

  /** Bytes first: a record without bytes is found again at once. */
  async #sweepCollection(
    collection: string,
    dispose: (key: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { operational, clock } = this.deps;
    for (;;) {
      signal.throwIfAborted();
      const due = await operational.due(collection, { until: clock.now(), limit: BATCH });
      let swept = 0;
      for (const { key, version } of due) {
        signal.throwIfAborted();
        await dispose(key);
        try {
          await operational.write([{ kind: 'delete', collection, key, expected: version }]);
          swept++;
        } catch (error) {
          // Renewed meanwhile: it is not due any more.
          if (!(error instanceof VersionConflict)) throw error;
        }
      }
      if (due.length < BATCH || swept === 0) return;
    }
  }
}
