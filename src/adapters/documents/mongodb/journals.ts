import { randomUUID } from 'node:crypto';
import { Binary } from 'mongodb';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { Position } from '../../../domain/shared/ids.js';
import type { DocumentWrite } from '../../../ports/documentStore.js';
import type { Journal, LaneDatabase } from './records.js';

/** What one document of the engine (16 MiB at most) holds of a journal. */
const PART_BYTES = 8 * 1024 * 1024;

type Written = readonly [collection: string, key: string, document: JsonObject | null];

/** The writes of a commit, kept until each of them is done. */
export class Journals {
  readonly #lanes: LaneDatabase;

  constructor(lanes: LaneDatabase) {
    this.#lanes = lanes;
  }

  /** Nobody knows the journal before a lane's record names it; its parts, if it is large, are there already. */
  async write(writes: readonly DocumentWrite[], position: Position): Promise<Journal> {
    const written = writes.map(({ collection, key, document }): Written => [collection, key, document ?? null]);
    const bytes = Buffer.from(JSON.stringify(written));
    const id = randomUUID();
    if (bytes.length <= PART_BYTES) return { id, position, bytes: new Binary(bytes), parts: 0 };
    const parts = Math.ceil(bytes.length / PART_BYTES);
    for (let part = 0; part < parts; part++) {
      const slice = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
      const document = { _id: partId(id, part), journal: id, bytes: new Binary(slice), at: new Date() };
      await this.#lanes.run(() => this.#lanes.parts.insertOne(document));
    }
    return { id, position, bytes: null, parts };
  }

  /** @returns undefined if somebody else finished the commit meanwhile and removed the parts */
  async read({ id, bytes, parts }: Journal): Promise<readonly DocumentWrite[] | undefined> {
    if (bytes) return parse([bytes]);
    const read: Binary[] = [];
    for (let part = 0; part < parts; part++) {
      const found = await this.#lanes.run(() => this.#lanes.parts.findOne({ _id: partId(id, part) }));
      if (!found) return undefined;
      read.push(found.bytes);
    }
    return parse(read);
  }

  /** Removes what the record does not hold itself. */
  async forget({ id, parts }: Journal): Promise<void> {
    for (let part = 0; part < parts; part++) {
      await this.#lanes.run(() => this.#lanes.parts.deleteOne({ _id: partId(id, part) }));
    }
  }
}

const partId = (journal: string, part: number): string => `${journal}/${part}`;

/** A journal holds what `write` put there. */
function parse(parts: readonly Binary[]): readonly DocumentWrite[] {
  const text = Buffer.concat(parts.map(({ buffer }) => buffer)).toString();
  return (JSON.parse(text) as readonly Written[]).map(([collection, key, document]) => ({
    collection,
    key,
    document: document ?? undefined,
  }));
}
