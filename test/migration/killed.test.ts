import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { systemContext } from '../../src/commands/context.js';
import { nameAggregate } from '../../src/domain/names/name.js';
import { parseDigest } from '../../src/domain/shared/digest.js';
import type { StreamName } from '../../src/domain/shared/ids.js';
import type { Generation, UploadId } from '../../src/ports/blobStore.js';
import { chunks } from '../support/chunks.js';
import { World } from '../support/world.js';
import { tidemark, type Ran } from './commandLine.js';
import { holdingsOf, type Holdings } from './holdings.js';
import { sideOf } from './sides.js';

const EVENTS = 4_000;
const CONTENTS = 60;

let source: World;
let before: Holdings;

beforeAll(async () => {
  source = await World.open();
  const { stores } = source;
  const streams = source.streams();
  const context = systemContext('system', 'test');
  const happened = Array.from({ length: EVENTS }, () => {
    const stream = `name-namespace-${randomUUID()}` as StreamName;
    const owner = `namespace-${randomUUID()}` as StreamName;
    return streams.decide(nameAggregate, stream, context, () => [{ type: 'NameClaimed', data: { owner } }]);
  });
  await Promise.all(happened);
  for (let number = 0; number < CONTENTS; number++) {
    const bytes = randomBytes(number % 3 === 0 ? 1_500_000 : 500);
    const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    const key = { digest, generation: randomUUID() as Generation };
    const upload = randomUUID() as string as UploadId;
    await stores.blobs.append(upload, 0, chunks(bytes));
    await stores.blobs.finish(upload, key, bytes.byteLength);
    const value = { generation: key.generation, size: bytes.byteLength, state: 'live' };
    await stores.operational.write([{ kind: 'put', collection: 'contents', key: digest, value }]);
    await stores.keys.ensure(`account:${number}`);
  }
  before = await holdingsOf(sideOf(stores));
  await stores.close();
}, 60_000);
afterAll(() => source.close());

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function migration(target: World, args: readonly string[], killAfter?: number): Promise<Ran> {
  const file = join(target.folder, 'target.yaml');
  writeFileSync(file, `DATA_PATH: ${join(target.folder, 'data')}\n`);
  let timer: NodeJS.Timeout | undefined;
  const ran = await tidemark(['migrate', '--to', file, '--json', ...args], {
    cwd: target.folder,
    env: { TIDEMARK_DATA_PATH: source.folder },
    started: (child) => {
      if (killAfter === undefined) return;
      // From the first sign of life on, so that what it does and not its start is broken off.
      child.stderr?.once('data', () => {
        timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
      });
    },
  });
  clearTimeout(timer);
  return ran;
}

it.each([1, 2, 3])('what kill -9 ends again and again is whole in the end (seed %i)', async (seed) => {
  const target = await World.open();
  await target.stores.close();
  const next = random(seed);
  try {
    let killed = 0;
    for (let attempt = 0; attempt < 4; attempt++) {
      const { code, signal, stderr } = await migration(target, [], next() * 400);
      if (signal === null && code !== 0) throw new Error(stderr);
      if (signal === 'SIGKILL') killed++;
    }
    expect(killed).toBeGreaterThan(0);
    const { code, stdout, stderr } = await migration(target, []);
    expect([code, stderr.includes('tidemark:')]).toEqual([0, false]);
    expect(JSON.parse(stdout)).toMatchObject({ events: EVENTS, contents: CONTENTS, verified: true });
    expect((await migration(target, ['--verify-only'])).code).toBe(0);
    const copy = await World.open(join(target.folder, 'data'));
    expect(await holdingsOf(sideOf(copy.stores))).toEqual(before);
    await copy.stores.close();
  } finally {
    await target.close();
  }
});
