import type { Digest } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import { ContentMissing, StoreUnavailable, VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { CONTENTS, isReadable, storedAs, type ContentRecord, type Stored } from './contentRecords.js';
import type { DamagedContents } from './damagedContents.js';

/** How often bytes are looked for where somebody stored them anew since they were located. */
const TRIES = 3;

/** Where the bytes of contents are, as their records say; and whether they are. */
export class LocatedContents {
  constructor(
    private readonly deps: {
      readonly blobs: Pick<BlobStore, 'stat'>;
      readonly operational: OperationalStore;
      readonly damaged: DamagedContents;
    },
  ) {}

  /** Of the digests, those whose bytes are there, and where; those that can be are taken back. */
  async present(digests: readonly Digest[]): Promise<Map<Digest, Stored>> {
    const records = await this.deps.operational.getMany<ContentRecord>(CONTENTS, digests);
    const present = new Map<Digest, Stored>();
    for (const [index, digest] of digests.entries()) {
      const record = records[index];
      const stored = record && (await this.takeBack(digest, record));
      if (stored) present.set(digest, stored);
    }
    return present;
  }

  /** Where the bytes of a digest are, if they are there. */
  async locate(digest: Digest): Promise<Stored | undefined> {
    const record = await this.deps.operational.get<ContentRecord>(CONTENTS, digest);
    if (!record) return undefined;
    if (isReadable(record.value)) return storedAs(digest, record.value);
    return record.value.state === 'missing' ? this.takeBack(digest, record) : undefined;
  }

  /**
   * condemned → live, by compare-and-set against the collector; missing → live, if the bytes are there again: a disk or
   * a bucket was not where it should be.
   *
   * @param known the record as it was read just now, if it was
   * @returns where they are now, if they may be read: somebody else may have stored them anew
   */
  async takeBack(digest: Digest, known?: OperationalRecord<ContentRecord>): Promise<Stored | undefined> {
    const { blobs, operational } = this.deps;
    for (let record = known; ; record = undefined) {
      record ??= await operational.get<ContentRecord>(CONTENTS, digest);
      if (!record || record.value.state === 'gone' || record.value.state === 'altered') return undefined;
      const content = storedAs(digest, record.value);
      if (record.value.state === 'live') return content;
      if (record.value.state === 'missing' && (await blobs.stat(content)) !== content.size) return undefined;
      const value: ContentRecord = { ...record.value, state: 'live' };
      const expected = record.version;
      try {
        await operational.write([{ kind: 'put', collection: CONTENTS, key: digest, value, expected }]);
        return content;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  }

  /** Looks whether the bytes are there, as many as there should be; whoever is told so will not bring them. */
  async isThere(content: Stored): Promise<boolean> {
    for await (const at of this.#places(content)) {
      if ((await this.deps.blobs.stat(at)) === at.size) return true;
      const verdict = await this.deps.damaged.examine(at, 'missing');
      if (verdict !== 'replaced') return verdict === 'whole';
    }
    return false;
  }

  /**
   * Reads bytes from where they are, also if that is elsewhere by now.
   *
   * @param read may throw ContentMissing or RangeError if they are not there as the record says
   * @throws ContentMissing if they are not, which the record does not say from then on
   */
  async reading<Read>(content: Stored, read: (at: Stored) => Promise<Read>): Promise<Read> {
    const { digest } = content;
    for await (const at of this.#places(content)) {
      try {
        return await read(at);
      } catch (cause) {
        if (!(cause instanceof ContentMissing || cause instanceof RangeError)) throw cause;
        const verdict = await this.deps.damaged.examine(at, 'missing');
        if (verdict === 'whole') {
          throw new StoreUnavailable(`the blob store did not give the bytes of ${digest}, though it has them`, {
            cause,
          });
        }
        if (verdict !== 'replaced') break;
      }
    }
    throw new ContentMissing(digest);
  }

  /** Where a content is, and where it is whenever it was stored anew meanwhile. */
  async *#places(content: Stored): AsyncGenerator<Stored, void, undefined> {
    yield content;
    for (let tries = 1; tries < TRIES; tries++) {
      const elsewhere = await this.locate(content.digest);
      if (!elsewhere) return;
      yield elsewhere;
    }
    throw new StoreUnavailable(`${content.digest} was stored anew again and again while it was looked for`);
  }
}
