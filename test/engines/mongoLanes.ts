import { afterAll } from '@jest/globals';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import type { Clock } from '../../src/adapters/documents/mongodb/clock.js';
import { MongoDocumentStore, type MongoDocumentStoreOptions } from '../../src/adapters/documents/mongodb/store.js';
import { put, remove } from '../../src/adapters/documents/contract.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { position } from '../../src/domain/shared/ids.js';
import type { DocumentStore, DocumentWrite, Lane, LaneSpec } from '../../src/ports/documentStore.js';
import { CheckpointRegressed, StoreUnavailable } from '../../src/ports/errors.js';
import { Died } from './mongoCalls.js';
import { mongoEngine, newDatabaseName, type MongoEngine } from './mongodb.js';

/** A server with a database of the test's own, removed at the end. */
export type MongoLanes = {
  readonly engine: MongoEngine;
  readonly client: MongoClient;
  readonly database: string;
  /** A client of the driver with other options, to the same server. */
  readonly newClient: (options: MongoClientOptions) => MongoClient;
  readonly collectionsOf: (spec: LaneSpec) => Promise<string[]>;
  readonly recordsOf: (spec: LaneSpec) => Promise<{ kind: string; version: number }[]>;
  /** What a process of its own would open. */
  readonly open: (
    options?: Partial<MongoDocumentStoreOptions> & { readonly client?: MongoClient },
  ) => Promise<MongoDocumentStore>;
};

export async function mongoLanes(): Promise<MongoLanes | undefined> {
  const engine = await mongoEngine();
  if (!engine) return undefined;
  const client = await connectMongo(engine.connection);
  const database = newDatabaseName();
  const stores: MongoDocumentStore[] = [];
  const failures: unknown[] = [];
  afterAll(async () => {
    for (const store of stores) await store.close();
    await client.db(database).dropDatabase();
    await client.close();
    await engine.stop();
    if (failures.length > 0) throw new AggregateError(failures, 'something failed in the background');
  });
  const open: MongoLanes['open'] = async (options = {}) => {
    // Who died in a test goes on to fail.
    const failed = (error: unknown): void => {
      if (!(error instanceof Died)) failures.push(error);
    };
    const store = await MongoDocumentStore.open(options.client ?? client, { database, failed, ...options });
    stores.push(store);
    return store;
  };
  const address = engine.connection.replace(/[?&]allowStandalone=true/, '');
  const db = client.db(database);
  return {
    ...{ engine, client, database, open },
    newClient: (options) => new MongoClient(address, options),
    collectionsOf: async ({ projection }) =>
      (await db.listCollections({}, { nameOnly: true }).toArray())
        .map(({ name }) => name)
        .filter((name) => name.startsWith(`${projection}.`)),
    recordsOf: ({ projection }) =>
      db.collection<{ kind: string; version: number }>('lanes').find({ projection }).toArray(),
  };
}

/** A clock that the test moves. */
export function newClock(): Clock & { readonly pass: (milliseconds: number) => void } {
  let passed = 0;
  return {
    wall: () => Date.now() + passed,
    steady: () => performance.now() + passed,
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
  };
}

/** Five counters; each event counts one of them up, and every third removes another, so that nothing may happen twice. */
const COUNTERS = 5;

/** What a projection would: reads what is there, and writes what becomes of it. */
async function effectOf(lane: Lane, event: number): Promise<DocumentWrite[]> {
  const key = `counter-${event % COUNTERS}`;
  const [counter, total] = await lane.collection('tags').getMany([key, 'total']);
  const count = (document: typeof counter): number => Number(document?.['n'] ?? 0) + 1;
  return [
    put(key, { n: count(counter), name: key, size: event }),
    put('total', { n: count(total), name: 'total', size: event }),
    put(`event-${event}`, { n: event }, 'repositories'),
    ...(event % 3 === 0
      ? [remove(`event-${event - 1}`, 'repositories'), remove(`counter-${(event + 1) % COUNTERS}`)]
      : []),
  ];
}

/**
 * Feeds the lane from where it is up to an event (inclusive), one by one; who is overtaken begins anew.
 *
 * @param away told when the store is away; the event is tried again afterwards, as a projector does
 */
export async function feed(
  store: DocumentStore,
  spec: LaneSpec,
  until: number,
  away?: () => Promise<void>,
): Promise<void> {
  let lane: Lane | undefined;
  let next: number | undefined;
  for (;;) {
    try {
      lane ??= await store.active(spec);
      next ??= Number(await lane.checkpoint()) + 1;
      if (next > until) return;
      await lane.commit(await effectOf(lane, next), position(next));
      next += 1;
    } catch (error) {
      if (error instanceof CheckpointRegressed) next = undefined;
      else if (error instanceof StoreUnavailable && away) await away();
      else throw error;
    }
  }
}

/** Everything that the lane shows, by key and by each index, and its checkpoint. */
export async function contents(store: DocumentStore, spec: LaneSpec): Promise<unknown> {
  const lane = await store.active(spec);
  const shown: Record<string, unknown> = { checkpoint: await lane.checkpoint() };
  for (const { name, indexes } of spec.collections) {
    const documents = lane.collection(name);
    const all: unknown[] = [];
    for await (const { key, document } of documents.scan()) all.push([key, document]);
    shown[name] = all;
    for (const index of Object.keys(indexes)) {
      shown[`${name}/${index}`] = (await documents.find({ index, equals: [], limit: 1000 })).documents;
    }
  }
  return shown;
}
