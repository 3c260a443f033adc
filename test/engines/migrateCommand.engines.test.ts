import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import '../support/patience.js';
import { Listener, streamOf } from '../../src/adapters/bus/contract.js';
import { sampleEvent } from '../../src/adapters/eventstore/sampleEvents.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import type { MigrationReport } from '../../src/commands/migration/migrate.js';
import { doneUpTo } from '../../src/adapters/bus/groupCheckpoint.js';
import { readLog } from '../../src/commands/readLog.js';
import { START, type EventId, type Position } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { Lease } from '../../src/workers/lease.js';
import { tellPresence } from '../../src/workers/presence.js';
import { publishedUpTo } from '../../src/workers/relayPlace.js';
import { furnishRegistry, shown } from '../migration/registryContent.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { World } from '../support/world.js';
import { closeConnections } from '../support/v2client.js';
import { eventStoreDbEngine, newStreamPrefix, type EventStoreDbEngine } from './eventStoreDb.js';
import { kafkaEngine } from './kafka.js';
import { newPrefix, openBus, Places, removeAll } from './kafkaBus.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';
import { s3Engine } from './s3.js';
import { s3Storage } from './storages.js';

const s3 = await s3Engine();
const mongo = await mongoEngine();
const kafka = await kafkaEngine();

describe('tidemark migrate, between one machine and engines', () => {
  if (!s3 || !mongo || !kafka) {
    it.skip('has no engines', () => undefined);
    return;
  }
  const database = newDatabaseName();
  const [prefix, streamPrefix] = [newPrefix(), newStreamPrefix()];
  let log: EventStoreDbEngine;
  let client: MongoClient;
  let registry: RegistryProcess;
  let door: RegistryProcess | undefined;
  beforeAll(async () => {
    log = await eventStoreDbEngine();
    client = await connectMongo(mongo.connection);
    registry = await RegistryProcess.start({ AUDIT_PULLS_STRICT: 'true' });
  });
  afterAll(async () => {
    closeConnections();
    await Promise.all([registry.stop(), door?.stop()]);
    for (const name of [database, `${database}-operational`, `${database}-keys`]) await client.db(name).dropDatabase();
    await client.close();
    await log.stop();
    await removeAll(kafka.brokers, prefix);
    await Promise.all([s3.stop(), mongo.stop(), kafka.stop()]);
  });

  /** The configuration of the engines, in a file. */
  function enginesFile(): string {
    const file = join(registry.dataPath, '..', 'engines.yaml');
    const settings = {
      EVENT_STORE: 'eventstoredb',
      EVENTSTORE_CONNECTION: log.connection,
      EVENTSTORE_STREAM_PREFIX: streamPrefix,
      READ_STORE: 'mongodb',
      MONGODB_CONNECTION: mongo?.connection,
      MONGODB_DATABASE: database,
      EVENT_BUS: 'kafka',
      KAFKA_BROKERS: kafka?.brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      MASTER_KEY: randomBytes(32).toString('hex'),
      // A process that is kept from its work for three quarters of it loses its leases.
      LEASE_SECONDS: 3,
      // Blobs come from the registry itself, and not from the object store.
      FEATURE_PROXY_STORAGE: true,
      DISTRIBUTED_STORAGE_CONFIG: JSON.parse(s3 ? s3Storage(s3.settings, randomUUID()) : '{}') as unknown,
    };
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }

  const move = async (args: readonly string[], dataPath: string): Promise<MigrationReport> =>
    JSON.parse(await registry.run(['migrate', ...args, '--json'], '', { DATA_PATH: dataPath })) as MigrationReport;

  it('takes a registry there and back, and it answers as before', async () => {
    const { boss, ada, app, layer, last } = await furnishRegistry(registry);
    const before = await shown(ada, boss);
    const [here, file] = [registry.dataPath, enginesFile()];
    const beside = (name: string): string => join(here, '..', name);
    await registry.restart('SIGTERM', { DATA_PATH: beside('elsewhere') });

    const operational = new MongoOperationalStore(client.db(`${database}-operational`));
    const node = new Lease({
      ...{ operational, name: 'projector', holder: 'node 7', seconds: 1 },
      failed: (error) => {
        throw error;
      },
    }).hold(
      ({ signal }) =>
        new Promise((end) => {
          signal.addEventListener('abort', () => {
            end();
          });
        }),
    );
    await expect(move(['--to', file], here)).rejects.toThrow(
      'node 7 serves one of the two (it holds the lease projector)',
    );
    await node.stop();

    // The command line writes to the engines by itself, and must not while somebody moves them.
    const mover = await tellPresence({
      ...{ operational, clock: { now: () => timestamp(Date.now()) } },
      presence: { kind: 'migrating', node: 'the mover', roles: [], seconds: 1 },
      failed: (error) => {
        throw error;
      },
    });
    const creating = registry.run(['user', 'create', 'eve', '--password-stdin'], PASSWORD, { CONFIG: file });
    await expect(creating).rejects.toThrow('this registry is being moved by the mover');
    await mover.stop();

    const there = await move(['--to', file], here);
    expect(there).toMatchObject({ copiedEvents: there.events, damaged: [] });
    expect(await toBePublished()).toEqual(await notConsumed(here));
    expect(await move(['--to', file, '--republish'], here)).toMatchObject({ copiedEvents: 0, copiedBytes: 0 });
    expect(await toBePublished()).toHaveLength(there.events);
    await move(['--to', file], here);
    await move(['--to', file, '--verify-only'], here);

    await registry.restart('SIGTERM', { CONFIG: file, DATA_PATH: beside('node') });
    expect(await shown(ada, boss)).toEqual(before);
    expect((await app.get(`blobs/${layer.digest}`)).body.equals(layer.bytes)).toBe(true);
    const later = await pushImage(app, 'v3');
    await expect(registry.run(['migrate', '--from', file], '', { CONFIG: '', DATA_PATH: here })).rejects.toThrow(
      'serves one of the two',
    );
    // A process that only answers requests goes on when the others have ended, and has no lease.
    door = await RegistryProcess.start({ CONFIG: file, ROLES: 'api', NODE_NAME: 'the door' });
    await registry.restart('SIGTERM', { CONFIG: '', DATA_PATH: beside('elsewhere') });
    await expect(move(['--from', file], beside('back'))).rejects.toThrow('the door (roles: api) serves one of the two');
    await door.stop();

    // Somebody serves it there, and a worker has not seen yet that a repository was deleted.
    const bus = await openBus(kafka.brokers, prefix);
    const deletion = { ...sampleEvent({}), type: 'RepositoryDeleted' };
    await bus.publish(new Places().record(streamOf('repository'), [deletion]));
    await expect(move(['--from', file], beside('back'))).rejects.toThrow(
      '1 events on Kafka are not handled by uploads yet',
    );
    const worker = new Listener();
    const consumption = await bus.consume('uploads', ['repository'], worker.handle);
    await worker.given(1);
    await consumption.stop();
    await bus.close();
    // Where it came from lacks only what has come since.
    const back = await move(['--from', file], here);
    expect(back.copiedEvents).toBeLessThan(back.events - there.events + 1);
    await registry.restart('SIGTERM', { DATA_PATH: here });
    expect((await app.get('manifests/v3')).header('docker-content-digest')).toBe(later.digest);
    expect((await app.get(`blobs/${layer.digest}`)).body.equals(layer.bytes)).toBe(true);
    expect((await app.get(`manifests/${last.digest}`)).status).toBe(200);
    expect(await registry.run(['events', 'verify', '--json'])).toContain('"ok":true');
    expect(await registry.run(['projections', 'verify'])).not.toContain('differs');
  });

  /** What the relay would publish if it began now. */
  async function toBePublished(): Promise<readonly EventId[]> {
    const events = openEventStoreDb(log.connection, { streamPrefix });
    try {
      const operational = new MongoOperationalStore(client.db(`${database}-operational`));
      return await idsAfter(events, (await publishedUpTo(operational)) ?? START);
    } finally {
      await events.close();
    }
  }
});

/** What the consumers of a registry on one machine have not done yet. */
async function notConsumed(folder: string): Promise<readonly EventId[]> {
  const { stores } = await World.open(folder);
  try {
    return await idsAfter(stores.events, (await doneUpTo(stores.operational)) ?? START);
  } finally {
    await stores.close();
  }
}

async function idsAfter(events: EventStore, after: Position): Promise<readonly EventId[]> {
  const ids: EventId[] = [];
  for await (const { id } of readLog(events, after)) ids.push(id);
  return ids;
}
