import type { Clock } from './clock.js';
import type { LaneCatalogue } from './laneCatalogue.js';
import { madeAt, type LaneDatabase, type LaneRecord } from './records.js';

/** In milliseconds. Clocks of processes may differ by a fraction of them. */
export type LaneTimes = {
  /** A build whose maker has been silent so long may be discarded by others. */
  readonly silent: number;
  /** A replaced build stays so long for those who are still reading it. */
  readonly grace: number;
  /** A lane of another version stays so long after the last process closed it. */
  readonly unused: number;
};

export const laneTimes: LaneTimes = { silent: 2 * 60_000, grace: 5 * 60_000, unused: 24 * 60 * 60_000 };

/** Removes what no process needs any more, and shows what this one needs. */
export class LaneKeeper {
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly catalogue: LaneCatalogue,
    private readonly clock: Clock,
    private readonly times: LaneTimes,
    private readonly owner: string,
  ) {}

  /** Lets others know that this process has these active lanes open, and makes its builds. */
  async beat(open: readonly string[]): Promise<void> {
    const filter = {
      $or: [
        { _id: { $in: [...open] }, kind: 'active' as const },
        { kind: 'build' as const, owner: this.owner },
      ],
    };
    await this.#setBeat(filter, new Date(this.clock.wall()));
  }

  /** Gives the builds of this process up. */
  async abandon(): Promise<void> {
    await this.#setBeat({ kind: 'build', owner: this.owner }, new Date(0));
  }

  /** Discards a projection's builds, but not those of other living processes. */
  async discardBuilds(projection: string): Promise<void> {
    const now = this.clock.wall();
    for (const build of await this.#find({ projection, kind: { $in: ['build', 'activating'] } })) {
      const { kind, owner, beat } = build;
      // One that is being activated may be active in a moment: then its collections must be there.
      const allowed = kind === 'activating' ? this.times.unused : owner === this.owner ? 0 : this.times.silent;
      if (now - beat.getTime() >= allowed) await this.catalogue.discard(build);
    }
  }

  /** Drops the builds that were replaced a while ago. */
  async dropReplaced(projections: readonly string[]): Promise<void> {
    const before = new Date(this.clock.wall() - this.times.grace);
    const filter = { projection: { $in: [...projections] }, kind: 'replaced' as const, beat: { $lt: before } };
    for (const record of await this.#find(filter)) await this.catalogue.discard(record);
  }

  /** Drops lanes of other versions once this one has been active, and they have been closed everywhere, for long. */
  async dropOtherVersions({ projection, version }: Pick<LaneRecord, 'projection' | 'version'>): Promise<void> {
    const before = new Date(this.clock.wall() - this.times.unused);
    const lanes = await this.#find({ projection, kind: 'active' });
    const present = lanes.find((lane) => lane.version === version);
    if (!present || present.since > before) return;
    for (const lane of lanes) {
      if (lane.version === version || lane.beat >= before) continue;
      const { _id, build, beat } = lane;
      const { deletedCount } = await this.lanes.run(() => this.lanes.lanes.deleteOne({ _id, build, beat }));
      if (deletedCount === 1) await this.lanes.drop(lane, build, lane.collections);
    }
  }

  /**
   * Drops collections of builds that no record names: a feeder who woke up late wrote to one that had been dropped, or
   * somebody died while he dropped it. And parts of journals that no record names.
   */
  async dropStrays(projection: string): Promise<void> {
    const before = this.clock.wall() - this.times.unused;
    const records = await this.#find({});
    const known = new Set(records.map(({ build }) => build));
    const collections = await this.lanes.run(() => this.lanes.db.listCollections({}, { nameOnly: true }).toArray());
    for (const { name } of collections) {
      const [owner, , build = ''] = name.split('.');
      const made = madeAt(build);
      if (owner !== projection || known.has(build) || made === undefined || made > before) continue;
      await this.lanes.run(() => this.lanes.db.dropCollection(name));
    }
    const pending = records.flatMap(({ journal }) => journal?.id ?? []);
    const old = { at: { $lt: new Date(before) }, journal: { $nin: pending } };
    await this.lanes.run(() => this.lanes.parts.deleteMany(old));
  }

  async #setBeat(filter: Parameters<LaneDatabase['lanes']['updateMany']>[0], beat: Date): Promise<void> {
    await this.lanes.run(() => this.lanes.lanes.updateMany(filter, { $set: { beat } }));
  }

  #find(filter: Parameters<LaneDatabase['lanes']['find']>[0]): Promise<LaneRecord[]> {
    return this.lanes.run(() => this.lanes.lanes.find(filter, { projection: { 'journal.bytes': 0 } }).toArray());
  }
}
