import { createHash, hash, randomUUID } from 'node:crypto';
import { algorithmOf, digestOf, type Digest, type DigestAlgorithm } from '../domain/shared/digest.js';
import { millisecondsOf, plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { BlobStore, UploadId } from '../ports/blobStore.js';
import type { Clock } from '../ports/clock.js';
import { OffsetConflict, VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../ports/operationalStore.js';
import { SMALL_BYTES, type Contents } from './contents.js';
import { RunningHashes, TooManyBytes } from './runningHashes.js';
import { BlobTooLarge, ChunkOutOfOrder, DigestMismatch, UploadUnknown } from './uploadErrors.js';
import type { UploadIds, UploadOwner } from './uploadIds.js';
import type { UploadsInFlight } from './uploadsInFlight.js';

/** A session that has received bytes, or has ended; one that has neither is known by its id alone. */
export type UploadRecord = {
  readonly state: 'open' | 'ended';
  readonly owner: UploadOwner;
  /** Bytes received and durable. */
  readonly offset: number;
  /** Of all bytes so far; null if no process has seen them all. */
  readonly digest: Digest | null;
  readonly algorithm: DigestAlgorithm;
  /** Names those bytes to the blob store; null: they came before uploads had steps, or there are none. */
  readonly step: string | null;
};

export { BlobTooLarge, ChunkOutOfOrder, DigestMismatch, UploadUnknown };

/** One piece of an upload. */
export type Chunk = {
  readonly source: AsyncIterable<Uint8Array>;
  /** Bytes that the client announced; undefined: it streams. */
  readonly length: number | undefined;
  /** Where the client says that it begins; undefined: wherever the upload ends. */
  readonly start: number | undefined;
};

export type UploadStatus = { readonly offset: number };

export const UPLOADS = 'uploads';

/** Upload sessions of one registry: begun, fed, resumed on any node, finished or cancelled. */
export class Uploads {
  readonly #hashes = new RunningHashes();
  /** Uploads that a call of their owner is feeding or finishing, from reading their record to writing it. */
  readonly #busy = new Set<string>();

  constructor(
    private readonly deps: {
      readonly blobs: BlobStore;
      readonly operational: OperationalStore;
      readonly contents: Contents;
      readonly ids: UploadIds;
      readonly inFlight: UploadsInFlight;
      readonly clock: Clock;
      readonly maximumBytes: number;
      /** How long an unfinished session is kept. */
      readonly lifetimeSeconds: number;
    },
  ) {}

  /** @throws TooManyUploads */
  async begin(owner: UploadOwner): Promise<UploadId> {
    const now = this.deps.clock.now();
    await this.deps.inFlight.check(owner.subject, now);
    return this.deps.ids.issue(owner, millisecondsOf(now));
  }

  /** @throws UploadUnknown */
  async status(id: string, owner: UploadOwner): Promise<UploadStatus> {
    const { offset } = await this.#open(id, owner);
    return { offset };
  }

  /**
   * @returns the new end of the upload
   * @throws UploadUnknown, ChunkOutOfOrder, BlobTooLarge (the session ends)
   */
  append(id: string, owner: UploadOwner, chunk: Chunk, algorithm?: DigestAlgorithm): Promise<UploadStatus> {
    return this.#alone(id, owner, async (session) => {
      return { offset: (await this.#append(session, owner, chunk, algorithm ?? session.algorithm)).offset };
    });
  }

  /**
   * Takes the last piece, if there is one, and makes the upload a blob of its repository.
   *
   * @throws UploadUnknown, ChunkOutOfOrder, DigestMismatch (the session ends), BlobTooLarge (the session ends)
   */
  finish(id: string, owner: UploadOwner, expected: Digest, chunk: Chunk | undefined): Promise<void> {
    return this.#alone(id, owner, (session) => this.#finish(session, owner, expected, chunk));
  }

  /** @throws UploadUnknown */
  async cancel(id: string, owner: UploadOwner): Promise<void> {
    await this.#end(await this.#open(id, owner), owner);
  }

  /** A whole blob in one call; its session is nobody's business. @throws DigestMismatch, BlobTooLarge */
  async storeWhole(owner: UploadOwner, expected: Digest, chunk: Chunk): Promise<void> {
    if (isSmall(chunk)) await this.#storeSmall(owner, expected, await gather(chunk));
    else await this.finish(await this.begin(owner), owner, expected, chunk);
  }

  /**
   * Lets one call at a time feed or finish an upload. Another one that came in between would drop the bytes that it does
   * not know of, while the first one writes down their digest.
   *
   * @throws ChunkOutOfOrder if another call is at it
   */
  async #alone<T>(id: string, owner: UploadOwner, work: (session: Session) => Promise<T>): Promise<T> {
    const key = `${id} ${owner.repositoryId} ${owner.subject}`;
    if (this.#busy.has(key)) throw new ChunkOutOfOrder((await this.#open(id, owner)).offset);
    this.#busy.add(key);
    try {
      return await work(await this.#open(id, owner));
    } finally {
      this.#busy.delete(key);
    }
  }

  async #finish(session: Session, owner: UploadOwner, expected: Digest, chunk: Chunk | undefined): Promise<void> {
    if (chunk && session.offset === 0 && isSmall(chunk)) {
      if ((chunk.start ?? 0) !== 0) throw new ChunkOutOfOrder(0);
      const bytes = await gather(chunk);
      await this.#storeSmall(owner, expected, bytes, this.#ending(session, owner)).catch(async (error: unknown) => {
        if (error instanceof DigestMismatch) await this.#end(session, owner);
        throw error;
      });
      this.#forget(session.id, owner);
      return;
    }
    const fed = chunk ? await this.#append(session, owner, chunk, algorithmOf(expected)) : session;
    const computed = await this.#digest(fed, algorithmOf(expected)).catch((error: unknown) => {
      // A crash took the bytes between their getting a name and their record: the upload cannot go on.
      throw error instanceof OffsetConflict ? new UploadUnknown() : error;
    });
    if (computed !== expected) {
      await this.#end(fed, owner);
      throw new DigestMismatch(expected, computed);
    }
    const { contents } = this.deps;
    const also = [contents.holding(owner.repositoryId, expected), this.#ending(fed, owner)];
    try {
      await contents.storeUpload(expected, fed, also);
    } catch (error) {
      if (!(error instanceof OffsetConflict)) throw error;
      const { offset, version } = await this.#open(fed.id, owner);
      // Where nobody fed it meanwhile, its bytes were replaced by a call that was never written down.
      throw version === fed.version ? new UploadUnknown() : new ChunkOutOfOrder(offset);
    }
    this.#forget(fed.id, owner);
  }

  async #storeSmall(
    { repositoryId }: UploadOwner,
    expected: Digest,
    bytes: Uint8Array,
    ...also: readonly OperationalWrite[]
  ): Promise<void> {
    const algorithm = algorithmOf(expected);
    const computed = digestOf(algorithm, hash(algorithm, bytes, 'hex'));
    if (computed !== expected) throw new DigestMismatch(expected, computed);
    const { contents } = this.deps;
    await contents.storeBytes(expected, bytes, [contents.holding(repositoryId, expected), ...also]);
  }

  async #append(session: Session, owner: UploadOwner, chunk: Chunk, algorithm: DigestAlgorithm): Promise<Session> {
    const { id, offset, version } = session;
    if (chunk.start !== undefined && chunk.start !== offset) throw new ChunkOutOfOrder(offset);
    const maximum = this.deps.maximumBytes;
    const announced = offset + (chunk.length ?? 0);
    if (announced > maximum) await this.#refuse(session, owner, announced);
    if (version === 0) await this.#reserve(session, owner);

    const hashed = this.#hashes.through(id, session, algorithm, chunk.source, maximum - offset);
    let kept: Session = session;
    const to = randomUUID();
    const keep = async (end: number): Promise<void> => {
      const digest = this.#hashes.digestAt(id, end) ?? null;
      // Where nothing came the store has taken no step.
      const progress = { offset: end, digest, algorithm, step: end === offset ? session.step : to };
      kept = { ...session, ...progress, version: await this.#save(id, owner, progress, version) };
    };
    try {
      // A piece that states its place counts as a whole or not at all; of a stream that breaks off, what came is kept.
      const step = { from: session.step, to };
      await keep(await this.deps.blobs.append(id, offset, hashed, chunk.start === undefined ? keep : undefined, step));
      return kept;
    } catch (error) {
      // Of what broke off before anything was kept there is nothing to count.
      if (kept.version === 0) this.deps.inFlight.ended(id, owner.subject);
      if (error instanceof TooManyBytes) return this.#refuse(kept, owner, maximum + 1);
      if (error instanceof VersionConflict || error instanceof OffsetConflict) throw await this.#overtaken(id, owner);
      throw error;
    }
  }

  /** Counts a session among the unfinished ones before it takes its first byte. @throws TooManyUploads */
  #reserve({ id, begun }: Session, { subject }: UploadOwner): Promise<void> {
    const { inFlight, clock, lifetimeSeconds } = this.deps;
    return inFlight.reserve(id, subject, plusSeconds(begun, lifetimeSeconds), clock.now());
  }

  async #refuse(session: Session, owner: UploadOwner, uploaded: number): Promise<never> {
    await this.#end(session, owner);
    throw new BlobTooLarge(uploaded, this.deps.maximumBytes);
  }

  /** Somebody else fed the session meanwhile: tell where it is now. */
  async #overtaken(id: UploadId, owner: UploadOwner): Promise<Error> {
    return new ChunkOutOfOrder((await this.#open(id, owner)).offset);
  }

  /** The digest of all bytes: known from their arrival, or computed from what is stored. */
  async #digest(session: Session, algorithm: DigestAlgorithm): Promise<Digest> {
    if (session.digest && algorithmOf(session.digest) === algorithm) return session.digest;
    const computing = createHash(algorithm);
    if (session.offset > 0) {
      for await (const bytes of this.deps.blobs.readUpload(session.id, session.offset, session.step))
        computing.update(bytes);
    }
    return digestOf(algorithm, computing.digest('hex'));
  }

  /** @throws UploadUnknown */
  async #open(id: string, owner: UploadOwner): Promise<Session> {
    const { ids, operational, clock, lifetimeSeconds } = this.deps;
    const begun = ids.begun(id, owner);
    if (begun === undefined || plusSeconds(begun, lifetimeSeconds) <= clock.now()) throw new UploadUnknown();
    // `begun` has established that the text is an id of ours.
    const upload = id as UploadId;
    const record: OperationalRecord<UploadRecord> | undefined = await operational.get<UploadRecord>(UPLOADS, upload);
    if (!record) return { id: upload, begun, offset: 0, digest: null, algorithm: 'sha256', step: null, version: 0 };
    if (record.value.state === 'ended') throw new UploadUnknown();
    const { offset, digest, algorithm, step } = record.value;
    return { id: upload, begun, offset, digest, algorithm, step: step ?? null, version: record.version };
  }

  async #save(id: UploadId, owner: UploadOwner, progress: Progress, version: number): Promise<number> {
    const value: UploadRecord = { state: 'open', owner, ...progress };
    const due = plusSeconds(this.deps.clock.now(), this.deps.lifetimeSeconds);
    await this.deps.operational.write([{ kind: 'put', collection: UPLOADS, key: id, value, due, expected: version }]);
    this.deps.inFlight.opened(id, owner.subject, due);
    return version + 1;
  }

  async #end(session: Session, owner: UploadOwner): Promise<void> {
    this.#forget(session.id, owner);
    await this.deps.operational.write([this.#ending(session, owner)]);
    await this.deps.blobs.abort(session.id);
  }

  #forget(id: UploadId, { subject }: UploadOwner): void {
    this.#hashes.forget(id);
    this.deps.inFlight.ended(id, subject);
  }

  /** The id must not come to life again: its record stays until the id itself has expired. */
  #ending({ id, begun, algorithm }: Session, owner: UploadOwner): OperationalWrite {
    const value: UploadRecord = { state: 'ended', owner, offset: 0, digest: null, algorithm, step: null };
    const due = plusSeconds(begun, this.deps.lifetimeSeconds);
    return { kind: 'put', collection: UPLOADS, key: id, value, due };
  }
}

type Progress = Pick<UploadRecord, 'offset' | 'digest' | 'algorithm' | 'step'>;

type Session = Progress & {
  readonly id: UploadId;
  readonly begun: Timestamp;
  /** Of its record; 0 if it has none yet. */
  readonly version: number;
};

const isSmall = ({ length }: Chunk): boolean => length !== undefined && length <= SMALL_BYTES;

/** Takes a small chunk into memory, and no more than that, whatever length was announced. */
async function gather({ source }: Chunk): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let left = SMALL_BYTES;
  for await (const chunk of source) {
    left -= chunk.byteLength;
    if (left < 0) throw new TooManyBytes();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
