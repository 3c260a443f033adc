import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { newStream, sampleEvent } from '../adapters/eventstore/sampleEvents.js';
import { World } from '../../test/support/world.js';

const PROGRAM = fileURLToPath(new URL('main.js', import.meta.url));
const run = promisify(execFile);

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** Ten times what a pipe holds, so that a command that is not read cannot get rid of it. */
async function longLog(): Promise<void> {
  const events = Array.from({ length: 500 }, () => sampleEvent({ text: 'x'.repeat(1_000) }));
  await world.stores.events.append(newStream(), events, 'no-stream');
}

/** Runs `events list` into a pipe that `reader` reads. */
async function listInto(reader: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const pipe = `{ "$0" "$1" events list --json --limit 500; echo "ended with $?" >&2; } | ${reader}`;
  return run('sh', ['-c', pipe, process.execPath, PROGRAM], {
    cwd: world.folder,
    env: { PATH: process.env['PATH'], TIDEMARK_DATA_PATH: world.folder },
  });
}

it('ends a command without a word when its reader has enough, with the code that a shell tells of SIGPIPE', async () => {
  await longLog();
  const { stdout, stderr } = await listInto('head -n 1');
  expect(JSON.parse(stdout)).toMatchObject({ type: 'TagMoved' });
  expect(stderr).toBe('ended with 141\n');
});

it('leaves a command alone whose reader reads all', async () => {
  await longLog();
  const { stdout, stderr } = await listInto('wc -l');
  expect([Number(stdout), stderr]).toEqual([500, 'ended with 0\n']);
});
