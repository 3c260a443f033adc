import { START, type Position } from '../domain/shared/ids.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../ports/operationalStore.js';

/** A later holder of the lease has begun: whoever meets it has lost his. */
export class RelayOvertaken extends Error {
  constructor(
    readonly fence: number,
    readonly later: number,
  ) {
    super(`the relay of lease ${fence} was overtaken by that of lease ${later}`);
    this.name = 'RelayOvertaken';
  }
}

type PlaceRecord = {
  /** Every event up to here has been published. */
  readonly position: Position;
  /** Of the holder who wrote it. */
  readonly fence: number;
};

const COLLECTION = 'relay';
const KEY = 'published';

/** Up to where everything has been published; undefined: nothing was. @throws StoreUnavailable */
export async function publishedUpTo(operational: OperationalStore): Promise<Position | undefined> {
  return (await operational.get<PlaceRecord>(COLLECTION, KEY))?.value.position;
}

/** Says that everything up to a position has been published; whoever holds the lease goes on from there. */
export function publishedRecord(position: Position): OperationalWrite {
  const value: PlaceRecord = { position, fence: 0 };
  return { kind: 'put', collection: COLLECTION, key: KEY, value };
}

/** How far the log has been published, as one holder of the relay's lease writes it down. */
export class RelayPlace {
  private constructor(
    private readonly operational: OperationalStore,
    private readonly fence: number,
    private version: number,
    private at: Position,
  ) {}

  /** From here on no earlier holder writes. @throws RelayOvertaken, StoreUnavailable */
  static async claim(operational: OperationalStore, fence: number): Promise<RelayPlace> {
    const record = await RelayPlace.#read(operational);
    if (record && record.value.fence > fence) throw new RelayOvertaken(fence, record.value.fence);
    const place = new RelayPlace(operational, fence, record?.version ?? 0, record?.value.position ?? START);
    await place.#write(place.at);
    return place;
  }

  static #read(operational: OperationalStore): Promise<OperationalRecord<PlaceRecord> | undefined> {
    return operational.get<PlaceRecord>(COLLECTION, KEY);
  }

  get position(): Position {
    return this.at;
  }

  /** @throws RelayOvertaken, StoreUnavailable */
  async save(position: Position): Promise<void> {
    if (position > this.at) await this.#write(position);
  }

  async #write(position: Position): Promise<void> {
    for (;;) {
      const value: PlaceRecord = { position, fence: this.fence };
      try {
        await this.operational.write([
          { kind: 'put', collection: COLLECTION, key: KEY, value, expected: this.version },
        ]);
        this.version += 1;
        this.at = position;
        return;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        if (await this.#isWritten(position)) return;
      }
    }
  }

  /** It may have been this holder's own write whose answer got lost. @throws RelayOvertaken */
  async #isWritten(position: Position): Promise<boolean> {
    const record = await RelayPlace.#read(this.operational);
    if (record && record.value.fence > this.fence) throw new RelayOvertaken(this.fence, record.value.fence);
    this.version = record?.version ?? 0;
    this.at = record?.value.position ?? START;
    return record?.value.fence === this.fence && this.at >= position;
  }
}
