import { START, type Position } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import type { Twins } from './logs.js';
import { pagesOf } from './records.js';

/** Records that name a place in the log, which is another one in another engine: in this member of their values. */
export type PlaceRecords = { readonly collection: string; readonly member: string };

type Place = { readonly collection: string; readonly key: string; readonly value: JsonObject; readonly at: Position };

/** Finds where the places that the source's records name are in the target's log, while both logs go by. */
export class Places {
  readonly #places: readonly Place[];
  readonly #found = new Map<Position, Position>();
  #wanted: readonly Position[];
  #last = START;

  private constructor(
    places: readonly Place[],
    private readonly members: ReadonlyMap<string, string>,
  ) {
    this.#places = places;
    this.#wanted = [...new Set(places.map(({ at }) => at))].sort();
  }

  static async in(source: OperationalStore, records: readonly PlaceRecords[]): Promise<Places> {
    const places: Place[] = [];
    for (const { collection, member } of records) {
      for await (const page of pagesOf(source, collection)) {
        for (const { key, value } of page) {
          const at = value[member];
          if (isPosition(at)) places.push({ collection, key, value, at });
        }
      }
    }
    return new Places(places, new Map(records.map(({ collection, member }) => [collection, member])));
  }

  /** To be called with every event of both logs, in their order. */
  pass({ source, target }: Twins): void {
    this.#find((wanted) => wanted < source.position);
    this.#last = target.position;
  }

  /** Writes the records down for the target; to be called when both logs have gone by. */
  async write(target: OperationalStore): Promise<void> {
    this.#find(() => true);
    const writes = this.#places.map(({ collection, key, value, at }): OperationalWrite => {
      const member = this.members.get(collection) ?? '';
      return { kind: 'put', collection, key, value: { ...value, [member]: this.#found.get(at) ?? START } };
    });
    if (writes.length > 0) await target.write(writes);
  }

  /** What lies before the event that comes now ends with the one before it. */
  #find(isBehind: (wanted: Position) => boolean): void {
    for (let [next] = this.#wanted; next !== undefined && isBehind(next); [next] = this.#wanted) {
      this.#found.set(next, this.#last);
      this.#wanted = this.#wanted.slice(1);
    }
  }
}

const isPosition = (value: JsonObject[string]): value is Position =>
  typeof value === 'string' && /^\d{20}$/.test(value);
