import { isAlive, plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { StoreUnavailable, VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';

const COLLECTION = 'instance';
const KEY = 'first-account';
/** Making an account takes less; a process that died in it keeps others from it no longer. */
const MOST_SECONDS = 60;

type MakingRecord = { readonly until: Timestamp };

/** Lets one at a time make the first account, whichever process he asks: the second one finds that it is there. */
export class FirstAccount {
  constructor(private readonly deps: { readonly operational: OperationalStore; readonly clock: Clock }) {}

  /** @throws StoreUnavailable if another process is at it: who asks again finds what became of it */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const version = await this.#take();
    try {
      return await work();
    } finally {
      await this.#giveBack(version);
    }
  }

  /** @returns the version of the record that says so */
  async #take(): Promise<number> {
    const { operational, clock } = this.deps;
    const record = await operational.get<MakingRecord>(COLLECTION, KEY);
    const value: MakingRecord = { until: plusSeconds(clock.now(), MOST_SECONDS) };
    const expected = record?.version ?? 0;
    try {
      if (record && isAlive(record.value.until, clock.now())) throw new VersionConflict(COLLECTION, KEY);
      await operational.write([{ kind: 'put', collection: COLLECTION, key: KEY, value, expected }]);
      return expected + 1;
    } catch (error) {
      if (error instanceof VersionConflict) throw new StoreUnavailable('the first account is being made just now');
      throw error;
    }
  }

  async #giveBack(expected: number): Promise<void> {
    try {
      await this.deps.operational.write([{ kind: 'delete', collection: COLLECTION, key: KEY, expected }]);
    } catch (error) {
      // It took so long that somebody else began.
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}
