import type { Position } from '../../../domain/shared/ids.js';
import type { Clock } from './clock.js';
import { LaneGone, type LaneDatabase } from './records.js';

/** What the record of an active lane says. */
export type ActiveState = { readonly build: string; readonly checkpoint: Position };

/**
 * Which build is active in the lanes that this process has open. Another process may activate one at any time, so what
 * was read is used for a second at most; a reader who comes when half of it has passed has it read again and does not
 * wait, so that under load nobody does.
 */
export class ActiveRoutes {
  readonly #builds = new Map<string, string | undefined>();
  #readAt = -Infinity;
  #reading: Promise<Map<string, ActiveState>> | undefined;

  /** @param refreshMilliseconds the age from which on it is read again; nobody uses what is twice as old */
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly clock: Clock,
    private readonly refreshMilliseconds: number,
  ) {}

  get open(): readonly string[] {
    return [...this.#builds.keys()];
  }

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
  refresh(): Promise<Map<string, ActiveState>> {
    this.#reading ??= this.read(this.open).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Like `refresh`, for these lanes and those that are followed. One that does not exist is not in the answer. */
  async read(ids: readonly string[]): Promise<Map<string, ActiveState>> {
    const began = this.clock.steady();
    const wanted = [...new Set([...ids, ...this.open])];
    const known = new Map(this.#builds);
    const found = await this.lanes.run(() =>
      this.lanes.lanes
        .find({ _id: { $in: wanted } }, { projection: { build: 1, checkpoint: 1 } })
        .batchSize(wanted.length + 1)
        .toArray(),
    );
    const states = new Map(found.map(({ _id, build, checkpoint }) => [_id, { build, checkpoint }]));
    for (const id of wanted) {
      // What was activated here meanwhile is newer than what was read.
      if (this.#builds.has(id) && this.#builds.get(id) === known.get(id)) this.#builds.set(id, states.get(id)?.build);
    }
    this.#readAt = Math.max(this.#readAt, began);
    return states;
  }
}
