import type { Side } from '../../src/commands/migration/side.js';
import type { WorldStores } from '../support/world.js';

/** Embedded stores as one side of a migration. */
export const sideOf = ({ events, operational, keys, blobs }: WorldStores, changes: Partial<Side> = {}): Side => ({
  ...{ events, operational, keys, blobs },
  appendsAtOnce: 256,
  eventCount: async () => Number(await events.end()),
  ...changes,
});

/** The process ends here. */
export class Killed extends Error {}

/** When the process ends: at which write, and whether that one still took effect. */
export type End = { readonly write: number; readonly afterwards: boolean };

/** A side whose process ends at one of its writes; nothing that it begins after that has an effect. */
export class MortalSide {
  writes = 0;

  constructor(
    private readonly side: Side,
    private readonly end: End,
  ) {}

  get mortal(): Side {
    const { events, operational, keys, blobs } = this.side;
    const write = <Result>(act: () => Promise<Result>): Promise<Result> => this.#write(act);
    return {
      ...this.side,
      events: {
        append: (...call) => write(() => events.append(...call)),
        read: (...call) => events.read(...call),
        readLast: (...call) => events.readLast(...call),
        readAll: (...call) => events.readAll(...call),
        end: () => events.end(),
        subscribeAll: (...call) => events.subscribeAll(...call),
      },
      operational: {
        get: (...call) => operational.get(...call),
        getMany: (...call) => operational.getMany(...call),
        list: (...call) => operational.list(...call),
        due: (...call) => operational.due(...call),
        write: (writes) => (writes.length === 0 ? Promise.resolve() : write(() => operational.write(writes))),
      },
      keys: { entries: () => keys.entries(), take: (entries) => write(() => keys.take(entries)) },
      blobs: {
        put: (...call) => write(() => blobs.put(...call)),
        append: (...call) => write(() => blobs.append(...call)),
        finish: (...call) => write(() => blobs.finish(...call)),
        abort: (...call) => write(() => blobs.abort(...call)),
        delete: (...call) => write(() => blobs.delete(...call)),
        mark: (...call) => write(() => blobs.mark(...call)),
        marker: () => blobs.marker(),
        readUpload: (...call) => blobs.readUpload(...call),
        read: (...call) => blobs.read(...call),
        stream: (...call) => blobs.stream(...call),
        stat: (...call) => blobs.stat(...call),
        list: () => blobs.list(),
        listUploads: () => blobs.listUploads(),
      },
    };
  }

  async #write<Result>(act: () => Promise<Result>): Promise<Result> {
    const number = this.writes++;
    const { write, afterwards } = this.end;
    if (number > write || (number === write && !afterwards)) throw new Killed();
    const result = await act();
    if (number === write) throw new Killed();
    return result;
  }
}
