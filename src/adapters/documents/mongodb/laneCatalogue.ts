import { MongoServerError } from 'mongodb';
import { START } from '../../../domain/shared/ids.js';
import type { LaneSpec } from '../../../ports/documentStore.js';
import { CheckpointRegressed } from '../../../ports/errors.js';
import { LaneShapeChanged, shapeOf } from '../laneShape.js';
import type { Clock } from './clock.js';
import { createCollections } from './indexes.js';
import { LaneWriter } from './laneWriter.js';
import { activeId, buildId, newBuild, type LaneDatabase, type LaneId, type LaneRecord } from './records.js';

const DUPLICATE_KEY = 11_000;
/** What cannot be taken away now is given up when the process closes the store. */
const left = (): undefined => undefined;

/**
 * Lanes come, take one another's place and go. Each step is one change of one record, and whoever dies between two
 * leaves nothing but collections that nobody reads, for `LaneKeeper` to remove.
 */
export class LaneCatalogue {
  /** Records of builds that this process made and has not taken away. */
  readonly #builds = new Set<string>();

  /** @param owner names the store of this process: its builds are its own */
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly clock: Clock,
    private readonly owner: string,
  ) {}

  /** Whether there may be builds of this process. */
  get hasBuilds(): boolean {
    return this.#builds.size > 0;
  }

  async active(lane: LaneId): Promise<LaneRecord | undefined> {
    return this.#read(activeId(lane));
  }

  /**
   * The active lane, made empty if there is none: of several processes one makes it.
   *
   * @throws LaneShapeChanged
   */
  async openActive(spec: LaneSpec): Promise<LaneRecord> {
    const found = await this.active(spec);
    if (!found) return this.#createActive(spec);
    if (found.shape !== shapeOf(spec)) throw new LaneShapeChanged(spec);
    return found;
  }

  async createBuild(spec: LaneSpec): Promise<LaneRecord> {
    const build = newBuild(this.clock.wall());
    const record = this.#newRecord(spec, build);
    this.#builds.add(record._id);
    await this.lanes.run(() => this.lanes.lanes.insertOne(record));
    try {
      await createCollections(this.lanes, spec, build);
    } catch (error) {
      // Or each further attempt leaves a build that lives as long as this process.
      await this.discard(record).catch(left);
      throw error;
    }
    return record;
  }

  /**
   * @throws RangeError if there is no such build
   * @throws CheckpointRegressed if the lane was fed further than the build: who reads must not go back
   */
  async activate(spec: LaneSpec, build: string): Promise<void> {
    const built = await this.#close(spec, build);
    if (!built) throw new RangeError(`projection ${spec.projection} has no build ${build}`);
    const { checkpoint, shape, collections } = built;
    const now = new Date(this.clock.wall());
    const change = { build, checkpoint, shape, collections, journal: null, since: now, beat: now };
    for (;;) {
      const present = await this.active(spec);
      if (!present) {
        if (await this.#insertActive({ ...built, ...change, _id: activeId(spec), kind: 'active' })) break;
      } else {
        if (present.build === build) break;
        if (present.checkpoint > checkpoint) throw new CheckpointRegressed(spec.projection, checkpoint);
        await this.#noteReplaced(present, now);
        const filter = { _id: present._id, build: present.build, checkpoint: { $lte: checkpoint } };
        const { matchedCount } = await this.lanes.run(() => this.lanes.lanes.updateOne(filter, { $set: change }));
        if (matchedCount === 1) break;
      }
    }
    await this.#forget(buildId(spec, build));
  }

  /** Drops a build, unless somebody is activating it or another maker shows that he lives. */
  async discard(record: LaneRecord): Promise<void> {
    const { _id, kind, owner, beat, build } = record;
    // Its own maker knows whether he wants it, though it goes on to show that he lives.
    const filter = owner === this.owner ? { _id, kind, owner } : { _id, kind, beat };
    const { deletedCount } = await this.lanes.run(() => this.lanes.lanes.deleteOne(filter));
    this.#builds.delete(_id);
    // Its maker may have died when it was active already, before he took this record away.
    if (deletedCount === 0 || (await this.active(record))?.build === build) return;
    await this.lanes.drop(record, build, record.collections);
  }

  async #createActive(spec: LaneSpec): Promise<LaneRecord> {
    const made = await this.createBuild(spec);
    // From here on nobody who discards builds takes its collections away: this process does so, too, before it builds.
    const record = await this.#close(spec, made.build);
    if (!record) {
      await this.#forget(made._id);
      await this.lanes.drop(made, made.build, made.collections);
      return this.openActive(spec);
    }
    const active: LaneRecord = { ...record, _id: activeId(spec), kind: 'active' };
    try {
      if (await this.#insertActive(active)) {
        await this.#forget(record._id);
        return active;
      }
    } catch (error) {
      // It may be active, now or in a moment: its collections stay, and are strays if it is not.
      await this.#forget(record._id).catch(left);
      throw error;
    }
    await this.discard(record);
    return this.openActive(spec);
  }

  /** Takes the record of a build away, not its documents. */
  async #forget(_id: string): Promise<void> {
    await this.lanes.run(() => this.lanes.lanes.deleteOne({ _id }));
    this.#builds.delete(_id);
  }

  async #insertActive(record: LaneRecord): Promise<boolean> {
    try {
      await this.lanes.run(() => this.lanes.lanes.insertOne(record));
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  /** From now on the build takes no commits; the last one is finished. @returns undefined if there is no such build */
  async #close(spec: LaneSpec, build: string): Promise<LaneRecord | undefined> {
    const id = buildId(spec, build);
    const found = await this.#read(id);
    if (found?.kind === 'build')
      await new LaneWriter(this.lanes, spec, this.clock, found, () => undefined).checkpoint();
    const filter = { _id: id, kind: { $in: ['build', 'activating'] as const }, journal: null };
    const update = { $set: { kind: 'activating' as const, beat: new Date(this.clock.wall()) } };
    const { matchedCount } = await this.lanes.run(() => this.lanes.lanes.updateOne(filter, update));
    return matchedCount === 1 ? this.#read(id) : undefined;
  }

  /** Before it is: so that a death in between leaves no collections that nobody knows. */
  async #noteReplaced(present: LaneRecord, now: Date): Promise<void> {
    const _id = buildId(present, present.build);
    const { _id: _, ...record } = { ...present, kind: 'replaced' as const, journal: null, beat: now };
    await this.lanes.run(() => this.lanes.lanes.replaceOne({ _id }, record, { upsert: true }));
  }

  async #read(id: string): Promise<LaneRecord | undefined> {
    return (await this.lanes.run(() => this.lanes.lanes.findOne({ _id: id }))) ?? undefined;
  }

  #newRecord(spec: LaneSpec, build: string): LaneRecord {
    const now = new Date(this.clock.wall());
    return {
      _id: buildId(spec, build),
      ...{ kind: 'build', projection: spec.projection, version: spec.version, build, shape: shapeOf(spec) },
      collections: spec.collections.map(({ name }) => name),
      ...{ checkpoint: START, journal: null, since: now, beat: now, owner: this.owner },
    };
  }
}
