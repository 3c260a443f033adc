import type { Clock } from '../ports/clock.js';
import type { BlobStore, UploadId } from '../ports/blobStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { VersionConflict } from '../ports/errors.js';

const BATCH = 200;

/** Removes what has run out: uploads that nobody went on with, and holds (contract: registry-v2 §5). */
export class Sweeper {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly blobs: BlobStore;
      readonly clock: Clock;
      readonly intervalSeconds: number;
      readonly failed: (error: unknown) => void;
    },
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.sweep()).catch(this.deps.failed);
    }, this.deps.intervalSeconds * 1000);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async sweep(): Promise<void> {
    await this.#sweepCollection('uploads', (key) => this.deps.blobs.abort(key as UploadId));
    await this.#sweepCollection('holds', () => Promise.resolve());
  }

  /** Bytes first: a record without bytes is found again, bytes without a record are not. */
  async #sweepCollection(collection: string, dispose: (key: string) => Promise<void>): Promise<void> {
    const { operational, clock } = this.deps;
    for (;;) {
      const due = await operational.due(collection, { until: clock.now(), limit: BATCH });
      let swept = 0;
      for (const { key, version } of due) {
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
