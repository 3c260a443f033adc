import type { Position } from '../../../domain/shared/ids.js';
import type { LaneSpec } from '../../../ports/documentStore.js';
import type { Clock } from './clock.js';
import type { LaneDatabase } from './records.js';

/**
 * After so long nobody sends what he began to commit before (`COMMIT_MILLISECONDS` is the limit that he keeps himself,
 * a fraction of this): what was deleted needs no tombstone any more.
 */
const KEPT_MILLISECONDS = 60 * 60 * 1000;
/** How precisely that is kept. */
const MARK_MILLISECONDS = 10 * 60 * 1000;

/** How far a lane had been fed when, as far as this process has seen it; removes tombstones when their time has come. */
export class Tombstones {
  #marks: { readonly position: Position; readonly at: number }[] = [];

  constructor(
    private readonly spec: LaneSpec,
    private readonly clock: Clock,
  ) {}

  /** To be told after each commit. */
  passed(position: Position): void {
    const at = this.clock.steady();
    const last = this.#marks.at(-1);
    if (!last || at - last.at >= MARK_MILLISECONDS) this.#marks.push({ position, at });
  }

  /** Removes what is old enough, if there may be any. */
  async purge(lanes: LaneDatabase, build: string): Promise<void> {
    const now = this.clock.steady();
    const old = this.#marks.filter(({ at }) => now - at >= KEPT_MILLISECONDS);
    const position = old.at(-1)?.position;
    if (position === undefined) return;
    for (const { name } of this.spec.collections) {
      await lanes.run(() => lanes.documents(this.spec, build, name).deleteMany({ t: { $lte: position } }));
    }
    this.#marks = this.#marks.slice(old.length);
  }
}
