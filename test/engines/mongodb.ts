import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { GenericContainer, Wait } from 'testcontainers';
import { engine, type Engine } from './engine.js';

/** A server that speaks MongoDB's protocol. */
export type MongoEngine = {
  /** Connection string. */
  readonly connection: string;
  readonly own?: Engine['own'];
  /** The same server by another address, such as a line with faults; not of a cluster, which says itself where it is. */
  readonly through?: (host: string) => string;
  stop(): Promise<void>;
};

const IMAGE = 'mongo:7';
const PORT = 27017;
const START_MILLISECONDS = 120_000;

/**
 * The server that `TIDEMARK_TEST_MONGODB` names; MongoDB itself where Docker runs; else FerretDB.
 *
 * @returns undefined, said loudly, if there is none
 */
export async function mongoEngine(): Promise<MongoEngine | undefined> {
  const given = process.env['TIDEMARK_TEST_MONGODB'];
  if (given !== undefined && given !== '') return { connection: given, stop: () => Promise.resolve() };
  if (hasDocker()) return startContainer();
  const found = await engine('mongodb');
  if (!found) return undefined;
  const { url, own } = found;
  const through = (host: string): string => `mongodb://${host}/?allowStandalone=true`;
  return { connection: through(url.host), own, through, stop: () => found.stop() };
}

/** For a test's databases, so that tests can share a server. */
export const newDatabaseName = (): string => `tidemark-test-${randomBytes(6).toString('hex')}`;

const hasDocker = (): boolean => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

/** A replica set of one member: majority, journal and retried writes are those of any other. */
async function startContainer(): Promise<MongoEngine> {
  const container = await new GenericContainer(IMAGE)
    .withCommand(['mongod', '--replSet', 'rs0', '--bind_ip_all'])
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/))
    .start();
  const stop = async (): Promise<void> => {
    await container.stop();
  };
  // The member knows itself by a name that only the container resolves.
  const through = (host: string): string => `mongodb://${host}/?directConnection=true`;
  const connection = through(`${container.getHost()}:${container.getMappedPort(PORT)}`);
  try {
    await initiate(connection);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connection, through, stop };
}

async function initiate(connection: string): Promise<void> {
  const client = new MongoClient(connection);
  const deadline = Date.now() + START_MILLISECONDS;
  try {
    const members = [{ _id: 0, host: `127.0.0.1:${PORT}` }];
    await client.db('admin').command({ replSetInitiate: { _id: 'rs0', members } });
    while ((await client.db('admin').command({ hello: 1 }))['isWritablePrimary'] !== true) {
      if (Date.now() > deadline) throw new Error('the replica set got no primary');
      await sleep(100);
    }
  } finally {
    await client.close();
  }
}
