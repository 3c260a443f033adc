import { together } from '../../src/adapters/operational/together.js';
import type { Stores } from '../../src/composition/core.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import type { Collection, DocumentStore, Lane } from '../../src/ports/documentStore.js';
import type { OperationalStore } from '../../src/ports/operationalStore.js';
import { overriding } from './overriding.js';

/** What was asked of stores, as engines would be: `read accounts`, `write holds`, `append repository`, `put`. */
export class StoreCalls {
  #calls: string[] = [];

  note(call: string): void {
    this.#calls.push(call);
  }

  /** Since the last time, in alphabetical order: what goes on side by side has none of its own. */
  take(): string[] {
    return this.#calls.splice(0).sort();
  }
}

/** The stores as a process sees them that shares engines with others, with a note of each call that they cost. */
export function counted(stores: Stores, calls: StoreCalls): Stores {
  const { events, blobs, operational, documents } = stores;
  return {
    ...stores,
    sole: false,
    oneWriter: false,
    events: overriding(events, {
      append: (stream, ...rest) => {
        calls.note(`append ${categoryOf(stream)}`);
        return events.append(stream, ...rest);
      },
      read: (stream, from) => {
        calls.note(`stream ${categoryOf(stream)}`);
        return events.read(stream, from);
      },
    }),
    blobs: noted(blobs, (method) => {
      calls.note(method);
    }),
    operational: countedRecords(operational, calls),
    documents: countedDocuments(documents, calls),
  };
}

const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/** A call for each part that engines take at once. */
const countedRecords = (records: OperationalStore, calls: StoreCalls): OperationalStore => ({
  get: (collection, key) => {
    calls.note(`read ${collection}`);
    return records.get(collection, key);
  },
  getMany: (collection, keys) => {
    if (keys.length > 0) calls.note(`read ${collection}`);
    return records.getMany(collection, keys);
  },
  write: (writes) => {
    for (const part of together(writes)) {
      calls.note(`write ${part.kind === 'blind' ? part.collection : part.write.collection}`);
    }
    return records.write(writes);
  },
  list: (collection, query) => {
    calls.note(`read ${collection}`);
    return records.list(collection, query);
  },
  due: (collection, query) => {
    calls.note(`read ${collection}`);
    return records.due(collection, query);
  },
});

const countedDocuments = (documents: DocumentStore, calls: StoreCalls): DocumentStore => ({
  active: async (spec) => countedLane(await documents.active(spec), calls),
  hasActive: (spec) => documents.hasActive(spec),
  build: (spec) => documents.build(spec),
  activate: (spec, build) => documents.activate(spec, build),
  discardBuilds: (projection) => documents.discardBuilds(projection),
  lanes: () => documents.lanes(),
});

const countedLane = (lane: Lane, calls: StoreCalls): Lane => ({
  checkpoint: () => lane.checkpoint(),
  commit: (writes, checkpoint) => lane.commit(writes, checkpoint),
  collection: <Document extends JsonObject>(name: string): Collection<Document> =>
    noted(lane.collection<Document>(name), () => {
      calls.note(`read ${name}`);
    }),
});

/** The same object, with a note of each call of its methods. */
function noted<Target extends object>(target: Target, note: (method: string) => void): Target {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]): unknown => {
        note(String(property));
        return Reflect.apply(member, target, parameters);
      };
    },
  });
}
