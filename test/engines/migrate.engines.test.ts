import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import {
  openEventStoreDb,
  type EventStoreDbEventStore,
} from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { migrate, verifyMigration, type MigrationOptions } from '../../src/commands/migration/migrate.js';
import type { Side } from '../../src/commands/migration/side.js';
import { PLACES } from '../../src/composition/movedPlaces.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { overriding } from '../support/overriding.js';
import { World } from '../support/world.js';
import { checkpointerOn, furnish, happen, store as storeContent } from '../migration/furnished.js';
import { holdingsOf, logText } from '../migration/holdings.js';
import { Killed, MortalSide, sideOf } from '../migration/sides.js';
import type { MongoClient } from 'mongodb';
import { MongoKeyStore } from '../../src/adapters/keys/mongodb.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import { timestamp } from '../../src/domain/shared/time.js';
import { eventStoreDbEngine, newStreamPrefix, type EventStoreDbEngine } from './eventStoreDb.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';
import { s3Engine } from './s3.js';

const options: MigrationOptions = {
  leaveDamaged: false,
  places: { collections: PLACES, marks: [] },
  watch: () => undefined,
};
const KIB = 1024;

/** One that moves, what it moves to, and where it moves back to. */
class Worlds {
  private constructor(
    readonly source: World,
    readonly target: World,
    readonly back: World,
  ) {}

  static async open(): Promise<Worlds> {
    return new Worlds(await World.open(), await World.open(), await World.open());
  }

  async close(): Promise<void> {
    for (const world of [this.source, this.target, this.back]) await world.close();
  }
}

let worlds: Worlds;
beforeEach(async () => {
  worlds = await Worlds.open();
});
afterEach(() => worlds.close());

/** The embedded stores, but for the log. */
function farSide(events: EventStore): Side {
  const { operational, keys, blobs } = sideOf(worlds.target.stores);
  return { ...{ operational, keys, blobs, events }, appendsAtOnce: 1 };
}

const s3 = await s3Engine();
if (s3) {
  describe('contents that move to S3 and back', () => {
    afterAll(() => s3.stop());

    it('are the same there, and again here', async () => {
      const near = sideOf(worlds.source.stores);
      const back = sideOf(worlds.back.stores);
      const blobs = new ObjectBlobStore(new S3Objects(s3.settings), randomUUID());
      const far = sideOf(worlds.target.stores, { blobs });
      for (const size of [0, 1, 64 * KIB, 64 * KIB + 1, 9_000 * KIB, 20_000 * KIB]) {
        await storeContent(worlds.source.stores, randomBytes(size));
      }
      expect(await migrate(near, far, options)).toMatchObject({ contents: 6 });
      await verifyMigration(near, far, options);
      expect(await holdingsOf(far)).toEqual(await holdingsOf(near));
      expect(await migrate(near, far, options)).toMatchObject({ copiedBytes: 0 });
      await migrate(far, back, options);
      expect(await holdingsOf(back)).toEqual(await holdingsOf(near));
    });
  });
}

const mongo = await mongoEngine();
if (mongo) {
  describe('records and keys that move to MongoDB and back', () => {
    const name = newDatabaseName();
    let client: MongoClient;
    beforeAll(async () => {
      client = await connectMongo(mongo.connection);
    });
    afterAll(async () => {
      await client.db(name).dropDatabase();
      await client.db(`${name}-keys`).dropDatabase();
      await client.close();
      await mongo.stop();
    });

    it('are the same there, and again here', async () => {
      const near = sideOf(worlds.source.stores);
      const back = sideOf(worlds.back.stores);
      const keys = await MongoKeyStore.open(client.db(`${name}-keys`), randomBytes(32));
      const operational = new MongoOperationalStore(client.db(name));
      const far = sideOf(worlds.target.stores, { operational, keys });
      await furnish(worlds.source);
      await worlds.source.stores.operational.write(
        Array.from({ length: 600 }, (_, number) => ({
          ...{ kind: 'put', collection: 'holds', key: `r/${number}.$ä` },
          value: { until: timestamp(number), readable: number % 2 === 0, 'a.b': { $c: [null] } },
          due: timestamp(number),
        })),
      );
      await migrate(near, far, options);
      await verifyMigration(near, far, options);
      expect(await holdingsOf(far)).toEqual(await holdingsOf(near));
      await migrate(far, back, options);
      expect(await holdingsOf(back)).toEqual(await holdingsOf(near));
    });
  });
}

describe('a log that moves to EventStoreDB and back', () => {
  let server: EventStoreDbEngine;
  let store: EventStoreDbEventStore;
  let near: Side;
  let far: Side;
  beforeAll(async () => {
    server = await eventStoreDbEngine();
  });
  afterAll(() => server.stop());
  afterEach(() => store.close());
  beforeEach(() => {
    store = openEventStoreDb(server.connection, { streamPrefix: newStreamPrefix() });
    near = sideOf(worlds.source.stores);
    far = farSide(store);
  });

  it('is the same there and, with what has come there, here', async () => {
    await furnish(worlds.source);
    await happen(worlds.source, 300);
    expect(await migrate(near, far, options)).toMatchObject({ checkpoints: 2 });
    await verifyMigration(near, far, options);
    expect(await holdingsOf(far)).toEqual(await holdingsOf(near));
    // The place of the last checkpoint was found: the next one goes on behind it.
    expect(await checkpointerOn(worlds.target, far.events).checkpoint()).toMatchObject({ number: 3 });
    await happen(worlds.target, 10, far.events);

    const back = sideOf(worlds.back.stores);
    await migrate(far, back, options);
    expect(await holdingsOf(back)).toEqual(await holdingsOf(far));
    expect(await checkpointerOn(worlds.back).checkpoint()).toMatchObject({ number: 4 });
    // Where it came from lacks only what has come since.
    expect(await migrate(back, near, options)).toMatchObject({ copiedEvents: 16 });
  });

  it('is whole though the process ends again and again', async () => {
    await furnish(worlds.source);
    const expected = await logText(near);
    for (const write of [0, 5, 9, 1, 12, 7, 3, 20]) {
      const side = new MortalSide(far, { write, afterwards: write % 2 === 0 });
      const ended: unknown = await migrate(near, side.mortal, options).catch((error: unknown) => error);
      if (!(ended instanceof Killed)) break;
    }
    await migrate(near, far, options);
    expect(await logText(far)).toBe(expected);
  });

  it('is whole though the engine is away for a while, and loses answers', async () => {
    await happen(worlds.source, 200);
    const standIn = await EventStoreDbStandIn.start();
    const faulty = openEventStoreDb(standIn.connection);
    far = farSide(faulty);
    const { events } = far;
    let [appends, refused] = [0, 0];
    const append: EventStore['append'] = async (...call) => {
      if (++appends === 20) standIn.faults.answersToLose = 2;
      if (appends === 50) standIn.faults.unavailable = true;
      try {
        return await events.append(...call);
      } catch (error) {
        refused++;
        standIn.faults.unavailable = false;
        throw error;
      }
    };
    await migrate(near, { ...far, events: overriding(events, { append }) }, options);
    expect([refused, standIn.faults.answersToLose]).toEqual([1, 0]);
    expect(await logText(far)).toBe(await logText(near));
    await faulty.close();
    await standIn.stop();
  });
});
