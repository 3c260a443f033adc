import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { newStream, sampleEvent } from '../../src/adapters/eventstore/sampleEvents.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const NOTHING =
  /^there is no event in the log on EventStoreDB at \S+ \(west\.…\): is EVENTSTORE_STREAM_PREFIX right\?\n$/;

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Those who read the log look at nothing else that would tell a wrong prefix. */
describe('reading a log of which there is no event', () => {
  let log: EventStoreDbStandIn;
  let folder: string;
  beforeAll(async () => {
    [log, folder] = [await EventStoreDbStandIn.start(), await mkdtemp(join(tmpdir(), 'tidemark-empty-'))];
    const east = openEventStoreDb(log.connection, { streamPrefix: 'east' });
    await east.append(newStream(), [sampleEvent()], 'no-stream');
    await east.close();
  });
  afterAll(async () => {
    await log.stop();
    await rm(folder, { recursive: true });
  });

  const start = (streamPrefix: string, args: readonly string[], said: (err: string) => boolean): Promise<Ended> => {
    const settings = {
      ...{ EVENT_STORE: 'eventstoredb', EVENTSTORE_CONNECTION: log.connection, EVENTSTORE_STREAM_PREFIX: streamPrefix },
      ...{ READ_STORE: 'mongodb', MONGODB_CONNECTION: 'mongodb://nobody.invalid' },
      ...{ EVENT_BUS: 'kafka', KAFKA_BROKERS: 'nobody.invalid:9092', MASTER_KEY: '0'.repeat(64) },
      DISTRIBUTED_STORAGE_CONFIG: { far: ['S3Storage', { s3_bucket: 'tidemark', storage_path: '/' }] },
    };
    const env = { PATH: process.env['PATH'], QUAY_OVERRIDE_CONFIG: JSON.stringify(settings) };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [PROGRAM, 'events', ...args],
        { cwd: folder, env },
        (_error, out, err) => {
          resolve({ code: child.exitCode, out, err });
        },
      );
      let err = '';
      child.stderr?.on('data', (text: string) => {
        if (said((err += text))) child.kill();
      });
    });
  };
  const run = (streamPrefix: string, ...args: readonly string[]): Promise<Ended> =>
    start(streamPrefix, args, () => false);

  it.each([[['verify']], [['verify', '--json']], [['export', 'log.json']]])('is refused: %j', async (args) => {
    expect(await run('west', ...args)).toEqual({ code: 1, out: '', err: expect.stringMatching(NOTHING) });
  });

  it('is said where events are shown', async () => {
    expect(await run('west', 'list')).toEqual({ code: 0, out: '', err: expect.stringMatching(NOTHING) });
    const { err } = await start('west', ['tail'], (said) => said.endsWith('\n'));
    expect(err).toMatch(NOTHING);
  });

  it('is not said where nothing of what there is was asked for', async () => {
    expect(await run('east', 'list', '--type', 'TagDeleted')).toEqual({ code: 0, out: '', err: '' });
    expect((await run('east', 'list')).out).toContain('TagMoved');
  });
});
