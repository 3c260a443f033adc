import type { Clock } from './clock.js';
import { LaneGone, type LaneDatabase } from './records.js';

/**
 * Which build is active in the lanes that this process has open. Another process may activate one at any time, so what
 * was read is used for a second at most; a reader who comes when half of it has passed has it read again and does not
 * wait, so that under load nobody does.
 */
export class ActiveRoutes {
  readonly #builds = new Map<string, string | undefined>();
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

  /** @param refreshMilliseconds the age from which on it is read again; nobody uses what is twice as old */
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly clock: Clock,
    private readonly refreshMilliseconds: number,
  ) {}

  /** From now on the lane is followed; and who activates a build here sees it at once. */
  set(id: string, build: string): void {
    this.#builds.set(id, build);
  }

  /** @throws LaneGone @throws StoreUnavailable */
  async build(id: string): Promise<string> {
    const age = this.clock.steady() - this.#readAt;
    if (age > 2 * this.refreshMilliseconds) await this.refresh();
    // Should it fail, the next one to need it will wait for his own, and hear why.
    else if (age > this.refreshMilliseconds) this.refresh().catch(() => undefined);
    const build = this.#builds.get(id);
    if (build === undefined) throw new LaneGone(id);
    return build;
  }

  /** Reads all records that are followed, in one query; several callers share one that is under way. */
  refresh(): Promise<void> {
    this.#reading ??= this.read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Like `refresh`, with a query that is begun now: what was activated before is in it. */
  async read(): Promise<void> {
    const began = this.clock.steady();
    const known = new Map(this.#builds);
    const ids = [...known.keys()];
    const found = await this.lanes.run(() =>
      this.lanes.lanes
        .find({ _id: { $in: ids } }, { projection: { build: 1 } })
        .batchSize(ids.length + 1)
        .toArray(),
    );
    const builds = new Map(found.map(({ _id, build }) => [_id, build]));
    for (const id of ids) {
      // What was activated here meanwhile is newer than what was read.
      if (this.#builds.get(id) === known.get(id)) this.#builds.set(id, builds.get(id));
    }
    this.#readAt = Math.max(this.#readAt, began);
  }
}
