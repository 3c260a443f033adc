import { setImmediate as turn } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/ports/errors.js';
import type { OperationalStore } from '../../src/ports/operationalStore.js';

/** The way of one process to the operational records, and what happens on it. */
export class WayToRecords implements OperationalStore {
  away = false;
  /** Writes take effect, and nobody hears of it. */
  losesAnswers = false;
  static underWay = 0;

  constructor(private readonly store: OperationalStore) {}

  get: OperationalStore['get'] = (collection, key) => this.#go(() => this.store.get(collection, key));
  getMany: OperationalStore['getMany'] = (collection, keys) => this.#go(() => this.store.getMany(collection, keys));
  list: OperationalStore['list'] = (collection, query) => this.#go(() => this.store.list(collection, query));
  due: OperationalStore['due'] = (collection, query) => this.#go(() => this.store.due(collection, query));
  write: OperationalStore['write'] = (writes) =>
    this.#go(async () => {
      await this.store.write(writes);
      if (this.losesAnswers) throw new StoreUnavailable('the answer was lost');
    });

  async #go<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.away) throw new StoreUnavailable('away');
    WayToRecords.underWay++;
    try {
      return await ask();
    } finally {
      WayToRecords.underWay--;
    }
  }
}

/** Whatever can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 5;) {
    await turn();
    quiet = WayToRecords.underWay === 0 ? quiet + 1 : 0;
  }
}
