import { BatchSize } from '../../../concurrency/batchSize.js';
import { KeyedMutex } from '../../../concurrency/keyedMutex.js';
import type { Position } from '../../../domain/shared/ids.js';
import type { DocumentWrite, LaneSpec } from '../../../ports/documentStore.js';
import { CheckpointRegressed, StoreUnavailable } from '../../../ports/errors.js';
import { stopwatch, type Clock } from './clock.js';
import { DocumentBatch } from './documentBatch.js';
import { Journals } from './journals.js';
import { LaneGone, type Journal, type LaneDatabase, type LaneKind, type LaneRecord } from './records.js';
import { Tombstones } from './tombstones.js';

/** Who has not sent everything so long after he began gives up: others may have gone on, and forgotten what was deleted. */
const COMMIT_MILLISECONDS = 60_000;
/** How many commits of others are finished before who wants to feed the lane is told that somebody else does. */
const FOREIGN_COMMITS = 20;

/** Where a feeder found the lane, or brought it himself. */
type Known = { readonly build: string; readonly position: Position };

/**
 * Feeds a lane: exactly once, whoever dies and whenever. A commit is three steps, each one round trip:
 *
 * 1. its writes go into the lane's record as a journal, if the checkpoint there is the one that this feeder knows;
 * 2. the documents are written, each unless it is newer;
 * 3. the checkpoint moves and the journal goes, in one.
 *
 * Who finds a journal finishes it. One who was overtaken computed his documents from others than he thinks, so that even
 * finishing his own commit ends with `CheckpointRegressed`: he begins anew with `checkpoint()`.
 */
export class LaneWriter {
  private readonly id: string;
  private readonly kind: LaneKind;
  readonly #journals: Journals;
  readonly #tombstones: Tombstones;
  readonly #turns = new KeyedMutex<'feed'>();
  readonly #size = new BatchSize();
  /** What this process has not finished yet: it goes on where it was. */
  #begun: { readonly journal: string; readonly batch: DocumentBatch } | undefined;
  #known: Known | undefined;
  /** Whether a commit failed: what the lane is like now may be what others made of it. */
  #unsure = false;

  /**
   * @param found the lane's record when it was opened
   * @param goingOnIn told the build that is fed from then on: what is computed from documents must be read there
   */
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly spec: LaneSpec,
    private readonly clock: Clock,
    found: LaneRecord,
    private readonly goingOnIn: (build: string) => void,
  ) {
    this.#journals = new Journals(lanes);
    this.#tombstones = new Tombstones(spec, clock);
    this.id = found._id;
    this.kind = found.kind;
    if (!found.journal) this.#known = { build: found.build, position: found.checkpoint };
  }

  /** What a feeder begins with, also after he was overtaken. Finishes the commit of one who died. */
  checkpoint(): Promise<Position> {
    return this.#turns.run('feed', async () => {
      const found = await this.#begin();
      if (this.#unsure || this.#known?.build !== found.build) this.#known = found;
      this.#unsure = false;
      return found.position;
    });
  }

  commit(writes: readonly DocumentWrite[], checkpoint: Position): Promise<void> {
    return this.#turns.run('feed', async () => {
      const batch = new DocumentBatch(this.spec, writes, checkpoint);
      const known = (this.#known ??= await this.#begin());
      if (checkpoint < known.position) throw this.#regressed(checkpoint);
      try {
        await this.#tombstones.purge(this.lanes, known.build);
        if (writes.length === 0) await this.#move(known, checkpoint);
        else await this.#write(known, batch, writes, checkpoint);
      } catch (error) {
        this.#unsure = true;
        throw error;
      }
      this.#known = { build: known.build, position: checkpoint };
      this.#tombstones.passed(checkpoint);
    });
  }

  async #begin(): Promise<Known> {
    const { build, checkpoint: position } = await this.#settled();
    this.goingOnIn(build);
    return { build, position };
  }

  async #move(known: Known, checkpoint: Position): Promise<void> {
    if (!(await this.#change(known, { checkpoint }))) await this.#lost(checkpoint);
  }

  async #write(
    known: Known,
    batch: DocumentBatch,
    writes: readonly DocumentWrite[],
    checkpoint: Position,
  ): Promise<void> {
    const elapsed = stopwatch(this.clock);
    const journal = await this.#journals.write(writes, checkpoint);
    if (!(await this.#change(known, { journal }))) {
      await this.#journals.forget(journal);
      return this.#lost(checkpoint);
    }
    const isStillThere = await this.#finish(known.build, journal, batch, elapsed);
    await this.#journals.forget(journal);
    if (!isStillThere) throw this.#regressed(checkpoint);
  }

  /** The compare-and-set that only one feeder wins. */
  async #change({ build, position }: Known, change: Partial<LaneRecord>): Promise<boolean> {
    const filter = { _id: this.id, kind: this.kind, build, checkpoint: position, journal: null };
    const update = { $set: { ...change, beat: new Date(this.clock.wall()) } };
    const { matchedCount } = await this.lanes.run(() => this.lanes.lanes.updateOne(filter, update));
    return matchedCount === 1;
  }

  /** Steps 2 and 3. @returns whether the lane is still the build that the journal is for */
  async #finish(build: string, journal: Journal, batch: DocumentBatch, elapsed: () => number): Promise<boolean> {
    const isPending = async (): Promise<boolean> => {
      const record = await this.#read();
      return record?.build === build && record.journal?.id === journal.id;
    };
    this.#begun = { journal: journal.id, batch };
    await batch.send(this.lanes, build, this.#size, isPending, () => {
      if (elapsed() > COMMIT_MILLISECONDS) {
        throw new StoreUnavailable(`a commit to ${this.id} took more than ${COMMIT_MILLISECONDS / 1000} s`);
      }
    });
    this.#begun = undefined;
    const filter = { _id: this.id, build, 'journal.id': journal.id };
    const update = { $set: { checkpoint: journal.position, journal: null } };
    const { matchedCount } = await this.lanes.run(() => this.lanes.lanes.updateOne(filter, update));
    return matchedCount === 1 || (await this.#read())?.build === build;
  }

  /** Somebody else fed the lane, or put another build there: what he left undone is finished, and then it is his. */
  async #lost(checkpoint: Position): Promise<never> {
    await this.#settled();
    throw this.#regressed(checkpoint);
  }

  /** The record, without a journal. */
  async #settled(): Promise<LaneRecord> {
    for (let foreign = 0; foreign <= FOREIGN_COMMITS; foreign++) {
      const record = await this.#read();
      if (record?.kind !== this.kind) throw new LaneGone(this.id);
      if (!record.journal) return record;
      const elapsed = stopwatch(this.clock);
      const batch = await this.#batchOf(record.journal);
      if (!batch) continue;
      await this.#finish(record.build, record.journal, batch, elapsed);
      await this.#journals.forget(record.journal);
    }
    throw new StoreUnavailable(`${this.id} is being fed by another process`);
  }

  /** @returns undefined if somebody else has finished it meanwhile */
  async #batchOf(journal: Journal): Promise<DocumentBatch | undefined> {
    if (this.#begun?.journal === journal.id) return this.#begun.batch;
    const writes = await this.#journals.read(journal);
    return writes && new DocumentBatch(this.spec, writes, journal.position);
  }

  async #read(): Promise<LaneRecord | undefined> {
    return (await this.lanes.run(() => this.lanes.lanes.findOne({ _id: this.id }))) ?? undefined;
  }

  #regressed(checkpoint: Position): CheckpointRegressed {
    return new CheckpointRegressed(this.spec.projection, checkpoint);
  }
}
