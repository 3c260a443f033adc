import { START, type Position } from '../../domain/shared/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../domain/shared/json.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import type { Twins } from './logs.js';
import { pagesOf } from './records.js';

/** As every engine spells it: see `Position`. */
const POSITION = /^\d{20}$/;

/** A place in the source's log, and the record that says in the target where it is there. */
export type Mark = {
  readonly at: Position;
  readonly record: (at: Position) => OperationalWrite;
};

/** What names places in the log. */
export type PlaceNames = {
  /** All records of these collections, wherever in their values. */
  readonly collections: readonly string[];
  readonly marks: readonly Mark[];
};

type Found = OperationalRecord & { readonly collection: string };

/**
 * Records that name places in the log, which is another one in another engine. Finds where those places are in the
 * target's log, while both logs go by.
 */
export class Places {
  readonly #found = new Map<Position, Position>();
  #wanted: readonly Position[];
  #last = START;

  private constructor(
    private readonly records: readonly Found[],
    private readonly marks: readonly Mark[],
  ) {
    const wanted = new Set<Position>(marks.map(({ at }) => at));
    for (const { value } of records) replaced(value, (place) => (wanted.add(place), place));
    this.#wanted = [...wanted].sort();
  }

  static async in(source: OperationalStore, { collections, marks }: PlaceNames): Promise<Places> {
    const records: Found[] = [];
    for (const collection of collections) {
      for await (const page of pagesOf(source, collection)) {
        records.push(...page.map((record) => ({ ...record, collection })));
      }
    }
    return new Places(records, marks);
  }

  /** To be called with every event of both logs, in their order. */
  pass({ source, target }: Twins): void {
    this.#find((wanted) => wanted < source.position);
    this.#last = target.position;
  }

  /** Writes the records down for the target; to be called when both logs have gone by. */
  async write(target: OperationalStore): Promise<void> {
    this.#find(() => true);
    const there = (place: Position): Position => this.#found.get(place) ?? START;
    for (const { collection, key, value, due } of this.records) {
      await target.write([{ kind: 'put', collection, key, value: replaced(value, there), due }]);
    }
    for (const { at, record } of this.marks) await target.write([record(there(at))]);
  }

  /** What lies before the event that comes now ends with the one before it. */
  #find(isBehind: (wanted: Position) => boolean): void {
    for (let [next] = this.#wanted; next !== undefined && isBehind(next); [next] = this.#wanted) {
      this.#found.set(next, this.#last);
      this.#wanted = this.#wanted.slice(1);
    }
  }
}

/** The value with every place in it replaced. */
function replaced(value: JsonObject, place: (from: Position) => Position): JsonObject {
  const members = Object.entries(value).map(([name, member]) => [name, replacedIn(member, place)] as const);
  return Object.fromEntries(members);
}

function replacedIn(value: Json | undefined, place: (from: Position) => Position): Json | undefined {
  if (typeof value === 'string') return isPosition(value) ? place(value) : value;
  if (Array.isArray(value)) return value.map((member: Json) => replacedIn(member, place) ?? null);
  return isJsonObject(value) ? replaced(value, place) : value;
}

const isPosition = (text: string): text is Position => POSITION.test(text);
