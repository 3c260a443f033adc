import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { BlobStore, ByteRange, ContentKey, Generation, UploadId } from '../ports/blobStore.js';
import type { Clock, Ids } from '../ports/clock.js';
import { ContentMissing, OffsetConflict, VersionConflict } from '../ports/errors.js';
import type { OperationalStore, OperationalWrite } from '../ports/operationalStore.js';
import { CONTENTS, damageOf, isReadable, storedAs, type ContentRecord, type Stored } from './contentRecords.js';
import { DamagedContents, type ContentDamage } from './damagedContents.js';
import { FRESH_SECONDS, givesRight, holdKey, HOLDS, inTurn, type HoldRecord } from './holdRecords.js';
import { LocatedContents } from './locatedContents.js';
import { MarkedPlace } from './markedPlace.js';
import { ReceivedBytes } from './receivedBytes.js';
import { Submitted } from './submitted.js';

export { CONTENTS, HOLDS, type ContentRecord, type HoldRecord, type Stored };

/** Whole contents up to here are taken into memory and stored in one piece, in bytes. */
export const SMALL_BYTES = 64 * 1024;

/** Bytes of contents and the operational records beside them. */
export class Contents {
  readonly damaged: DamagedContents;
  readonly #place: MarkedPlace;
  readonly #located: LocatedContents;
  readonly #received = new ReceivedBytes();

  constructor(
    private readonly deps: {
      readonly blobs: BlobStore;
      readonly operational: OperationalStore;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly holdSeconds: number;
      /**
       * Whether bytes, records and events go through one writer, so that what is durable implies that all that was
       * submitted before it is: then one need not be waited for before the next is submitted.
       */
      readonly oneWriter: boolean;
      /** Told of contents whose bytes are not what their record says, once each. */
      readonly foundDamaged?: (content: ContentDamage) => void;
      /** Told of bytes that nobody names any more and that could not be removed: garbage, and no failure of a call. */
      readonly notRemoved: (error: unknown) => void;
    },
  ) {
    const { blobs, operational, foundDamaged: found } = deps;
    this.#place = new MarkedPlace({ blobs, operational });
    this.damaged = new DamagedContents({ blobs: this.#place, operational, found });
    this.#located = new LocatedContents({ blobs: this.#place, operational, damaged: this.damaged });
    this.damaged.onMarked(() => {
      this.#received.clear();
    });
  }

  /**
   * Stores whole bytes whose digest the caller has verified; what is stored already is not stored again.
   *
   * @param also records that belong to the storing; written with the content's own record, after the bytes
   */
  async storeBytes(digest: Digest, bytes: Uint8Array, also: readonly OperationalWrite[] = []): Promise<void> {
    await (
      await this.submitBytes(digest, bytes, also)
    ).durable;
  }

  /**
   * Like `storeBytes`, except that small bytes, where one writer takes all, have only been submitted when it resolves:
   * what is submitted from then on takes effect after them, or not at all.
   */
  async submitBytes(digest: Digest, bytes: Uint8Array, also: readonly OperationalWrite[] = []): Promise<Submitted> {
    const { blobs, ids, oneWriter } = this.deps;
    const isSmall = bytes.byteLength <= SMALL_BYTES;
    const { promise: placed, resolve: submitted } = Promise.withResolvers<undefined>();
    const key: ContentKey = { digest, generation: ids.next() as Generation };
    const storing = this.#store(key, bytes.byteLength, also, {
      put: (as) => blobs.put(as, bytes),
      ...(oneWriter && isSmall ? { submitted } : {}),
    });
    const outcome = new Submitted(storing);
    await Promise.race([placed, storing]);
    // Where there is one writer they are read as quickly as remembered.
    if (isSmall && !oneWriter) this.#received.keep(digest, bytes);
    return outcome;
  }

  /**
   * Makes an upload, whose digest the caller has verified, a content. Its generation is the upload's id: who repeats the
   * call after a crash between the bytes' getting their name and their record finds them under it.
   *
   * @throws OffsetConflict if the store has other bytes than those that the caller knows of
   */
  async storeUpload(
    digest: Digest,
    {
      id: upload,
      offset: size,
      step,
    }: { readonly id: UploadId; readonly offset: number; readonly step: string | null },
    also: readonly OperationalWrite[],
  ): Promise<void> {
    const { blobs } = this.deps;
    const staged = { finished: false };
    const put = async (key: ContentKey): Promise<void> => {
      try {
        await blobs.finish(upload, key, size, step);
        staged.finished = true;
      } catch (error) {
        if (!(error instanceof OffsetConflict) || (await blobs.stat(key)) !== size) throw error;
      }
    };
    const generation: string = upload;
    const key: ContentKey = { digest, generation: generation as Generation };
    await this.#store(key, size, also, { put });
    // Bytes that were there already did not need the upload's.
    if (!staged.finished) await this.#removed(blobs.abort(upload));
  }

  /** The write that lets the repository read the blob for a while, without a manifest that names it. */
  holding(repositoryId: RepositoryId, digest: Digest): OperationalWrite {
    const until = plusSeconds(this.deps.clock.now(), this.deps.holdSeconds);
    const value: HoldRecord = { until, readable: true };
    return { kind: 'put', collection: HOLDS, key: holdKey(repositoryId, digest), value, due: until };
  }

  async hold(repositoryId: RepositoryId, digest: Digest): Promise<void> {
    await this.deps.operational.write([this.holding(repositoryId, digest)]);
  }

  async heldUntil(repositoryId: RepositoryId, digest: Digest): Promise<Timestamp | undefined> {
    const record = await this.deps.operational.get<HoldRecord>(HOLDS, holdKey(repositoryId, digest));
    return record && givesRight(record.value, this.deps.clock.now()) ? record.value.until : undefined;
  }

  /** Ends the right; bytes stay for those who have one of their own. */
  async release(repositoryId: RepositoryId, digest: Digest): Promise<void> {
    await this.deps.operational.write([{ kind: 'delete', collection: HOLDS, key: holdKey(repositoryId, digest) }]);
  }

  /**
   * Holds what a push is about to name, so that no collector takes it from under it.
   *
   * @returns those of the digests that the repository may read because they were uploaded or mounted there
   */
  async holdForPush(repositoryId: RepositoryId, digests: readonly Digest[]): Promise<Set<Digest>> {
    const { clock, operational, holdSeconds } = this.deps;
    const now = clock.now();
    const keys = digests.map((digest) => holdKey(repositoryId, digest));
    const records = await operational.getMany<HoldRecord>(HOLDS, keys);
    const fresh = plusSeconds(now, Math.min(FRESH_SECONDS, holdSeconds / 2));
    const until = plusSeconds(now, holdSeconds);
    const readable = new Set<Digest>();
    const renewals: OperationalWrite[] = [];
    for (const [index, digest] of digests.entries()) {
      const held = records[index]?.value;
      const mayRead = held !== undefined && givesRight(held, now);
      if (mayRead) readable.add(digest);
      if (held && held.until > fresh) continue;
      const value: HoldRecord = { until, readable: mayRead };
      renewals.push({ kind: 'put', collection: HOLDS, key: holdKey(repositoryId, digest), value, due: until });
    }
    if (renewals.length > 0) await operational.write(renewals);
    return readable;
  }

  /** @see LocatedContents.present */
  present(digests: readonly Digest[]): Promise<Map<Digest, Stored>> {
    return this.#located.present(digests);
  }

  /** @see LocatedContents.locate */
  locate(digest: Digest): Promise<Stored | undefined> {
    return this.#located.locate(digest);
  }

  /**
   * From memory, if they came through here a moment ago.
   *
   * @throws ContentMissing if the bytes are not there as their record says, which it does not say from then on
   */
  async read(content: Stored): Promise<Uint8Array> {
    const received = this.#received.get(content.digest);
    if (received) return received;
    return this.#located.reading(content, async (at) => {
      const bytes = await this.deps.blobs.read(at);
      if (bytes.byteLength !== at.size) throw new ContentMissing(at.digest);
      return bytes;
    });
  }

  /**
   * Streams a content or a part of it, for consumers that are done with a chunk before they ask for the next.
   *
   * @throws ContentMissing before the first byte, as `read` does; `StoreUnavailable`
   */
  stream(content: Stored, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const { blobs } = this.deps;
    // An engine looks whether it has what it is asked for: so a content that is too short is noticed.
    const part = range ?? (content.size > 0 ? { start: 0, end: content.size - 1 } : undefined);
    return this.#located.reading(content, (at) => blobs.streamLent?.(at, part) ?? blobs.stream(at, part));
  }

  /** @see LocatedContents.isThere */
  isThere(content: Stored): Promise<boolean> {
    return this.#located.isThere(content);
  }

  /**
   * Bytes, then their record. Holds stand before a record that is there already is believed, so that a collector which
   * comes in between finds them; and it is believed only if the bytes are there, as long as better ones are at hand.
   *
   * @param submitted called once all is on its way, through one writer: neither bytes nor records wait for the other
   */
  async #store(
    key: ContentKey,
    size: number,
    also: readonly OperationalWrite[],
    steps: { readonly put: (key: ContentKey) => Promise<void>; readonly submitted?: (nothing: undefined) => void },
  ): Promise<void> {
    const { blobs, operational } = this.deps;
    const { put, submitted } = steps;
    const { digest, generation } = key;
    const record = await operational.get<ContentRecord>(CONTENTS, digest);
    const known = record && storedAs(digest, record.value);
    if (known && isReadable(record.value)) {
      if (!(await this.isThere(known))) {
        await this.#store(key, size, also, steps);
        return;
      }
      await operational.write(also);
      if (await this.#located.takeBack(digest)) return;
      await this.#store(key, size, [], steps);
      return;
    }
    // In an empty place in its stead nobody would find them later, and the former ones are perhaps not damaged at all.
    if (record && damageOf(record.value) !== undefined) await this.#place.assertThere();
    const value: ContentRecord = { generation, size, state: 'live' };
    const expected = record?.version ?? 0;
    const putting = put(key);
    const { early, late } = submitted ? { early: [], late: also } : inTurn(also);
    if (!submitted) await Promise.all([putting, operational.write(early)]);
    // Submitted behind the bytes in the same turn: it takes effect with them or not at all.
    const writing = operational.write([{ kind: 'put', collection: CONTENTS, key: digest, value, expected }, ...late]);
    submitted?.(undefined);
    try {
      await Promise.all([putting, writing]);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      // Somebody stored the same bytes first: theirs count, ours go, unless they are the same upload's.
      await putting;
      const winner = await operational.get<ContentRecord>(CONTENTS, digest);
      if (winner?.value.generation !== generation) await this.#removed(blobs.delete(key));
      await this.#store(key, size, also, steps);
      return;
    }
    // Nobody can find the damaged bytes by the record any more.
    if (known && damageOf(record.value) !== undefined && known.generation !== generation) {
      await this.#removed(blobs.delete(known));
    }
  }

  /** What was asked for is durable, or goes on without it. */
  async #removed(removing: Promise<void>): Promise<void> {
    try {
      await removing;
    } catch (error) {
      this.deps.notRemoved(error);
    }
  }
}
