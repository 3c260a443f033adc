import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import '../support/patience.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { freePort } from '../support/ports.js';
import { hasTool } from '../tools/tools.js';
import { START_SCRIPT } from './engine.js';

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-start-'));
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true });
});

/** The value of the setting that it prints for the registry, once it runs in a folder that is named relatively. */
async function printed(engine: string, setting: string): Promise<string> {
  const started = spawn(START_SCRIPT, [engine, String(await freePort()), 'data'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child = started;
  const said: string[] = [];
  for await (const line of createInterface(started.stderr)) {
    said.push(line);
    if (line.startsWith(`${setting}=`)) return line.slice(setting.length + 1).replaceAll("'", '');
  }
  throw new Error(`it ended: ${said.join('\n')}`);
}

/** Where a change is judged, the engines must be there: without them that fails. */
const orSkipped = (engine: 'ferretdb' | 'versitygw'): typeof it | typeof it.skip =>
  hasTool(engine) || process.env['CI'] === 'true' ? it : it.skip;

it('tells how the registry uses the stand-in of EventStoreDB', async () => {
  const store = openEventStoreDb(await printed('eventstoredb', 'TIDEMARK_EVENTSTORE_CONNECTION'));
  await expect(store.check()).resolves.toBeUndefined();
  await store.close();
});

orSkipped('ferretdb')('tells how the registry uses FerretDB', async () => {
  const client = await connectMongo(await printed('mongodb', 'TIDEMARK_MONGODB_CONNECTION'));
  await client.close();
});

orSkipped('versitygw')('tells how the registry uses S3, with a bucket that is there', async () => {
  const config = JSON.parse(await printed('s3', 'TIDEMARK_DISTRIBUTED_STORAGE_CONFIG')) as {
    readonly s3: readonly [string, Readonly<Record<string, string>>];
  };
  const [driver, parameters] = config.s3;
  expect(driver).toBe('S3Storage');
  const client = new S3Client({
    ...{ region: 'us-east-1', forcePathStyle: true, endpoint: parameters['endpoint_url'] ?? '' },
    credentials: {
      accessKeyId: parameters['s3_access_key'] ?? '',
      secretAccessKey: parameters['s3_secret_key'] ?? '',
    },
  });
  const answer = await client.send(new HeadBucketCommand({ Bucket: parameters['s3_bucket'] ?? '' }));
  expect(answer.$metadata.httpStatusCode).toBe(200);
  client.destroy();
});
