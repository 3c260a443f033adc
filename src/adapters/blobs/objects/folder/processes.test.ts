import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BlobProcess } from '../../../../../test/support/blobProcess/process.js';
import '../../../../../test/support/patience.js';
import { chunksOf, everyOf, freshUpload, keyOf } from '../../sampleContents.js';
import { sharedBlobStoreContract } from '../../sharedContract.js';

const MIB = 1024 * 1024;

const twoOn = async (folder: string): Promise<readonly [BlobProcess, BlobProcess]> =>
  Promise.all([BlobProcess.start(folder), BlobProcess.start(folder)]);

sharedBlobStoreContract('a folder, two processes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-shared-'));
  const stores = await twoOn(folder);
  const close = async (): Promise<void> => {
    await Promise.all(stores.map((store) => store.kill()));
    await rm(folder, { recursive: true });
  };
  return { stores, close };
});

describe('processes on one folder, of which one dies', () => {
  let folder: string;
  let one: BlobProcess;
  let other: BlobProcess;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-shared-'));
    [one, other] = await twoOn(folder);
  });
  afterEach(async () => {
    await Promise.all([one.kill(), other.kill()]);
    await rm(folder, { recursive: true });
  });

  it('lets the other one go on with an upload, from what was acknowledged', async () => {
    const bytes = randomBytes(3 * MIB);
    const upload = freshUpload();
    await one.append(upload, 0, chunksOf(bytes.subarray(0, MIB)));
    const begun = Promise.withResolvers<undefined>();
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(MIB, 2 * MIB);
      begun.resolve(undefined);
      await new Promise(() => undefined);
    };
    const dying = expect(one.append(upload, MIB, source())).rejects.toThrow('the process has ended');
    await begun.promise;
    await one.kill();
    await dying;
    expect(await other.append(upload, MIB, chunksOf(bytes.subarray(MIB)))).toBe(3 * MIB);
    const key = keyOf(bytes);
    await other.finish(upload, key, 3 * MIB);
    expect(Buffer.compare(await other.read(key), bytes)).toBe(0);
  });

  it('leaves nothing of an upload that the other one aborts', async () => {
    const upload = freshUpload();
    await one.append(upload, 0, chunksOf(randomBytes(MIB)));
    await one.kill();
    await other.abort(upload);
    expect(await everyOf(other.listUploads())).toEqual([]);
    expect(await readdir(join(folder, 'uploads'))).toEqual([]);
  });

  it('loses nothing and mixes nothing up, whenever in the course of a call one dies', async () => {
    const parts = Array.from({ length: 4 }, () => randomBytes(20_000));
    const whole = Buffer.concat(parts);
    for (let turns = 0; turns < 12; turns += 1) {
      const upload = freshUpload();
      const victim = await BlobProcess.start(folder);
      // What the caller knows of: the last step whose end he was told.
      let known: string | null = null;
      const append = async (store: BlobProcess, index: number, source: AsyncIterable<Uint8Array>): Promise<void> => {
        const to = randomUUID();
        await store.append(upload, index * 20_000, source, undefined, { from: known, to });
        known = to;
      };
      await append(victim, 0, chunksOf(parts[0] ?? whole));
      // It has all bytes of the second part, and some time for what comes then.
      const last = async function* (): AsyncGenerator<Uint8Array> {
        yield* chunksOf(parts[1] ?? whole);
        afterTurns(turns, () => void victim.kill());
      };
      const told = await append(victim, 1, last()).then(
        () => 2,
        () => 1,
      );
      await victim.kill();
      for (let index = told; index < parts.length; index += 1) {
        await append(other, index, chunksOf(parts[index] ?? whole));
      }
      const key = keyOf(whole);
      await other.finish(upload, key, whole.byteLength, known);
      expect(Buffer.compare(await one.read(key), whole)).toBe(0);
    }
    // What the dead left is found, and goes.
    for (const upload of await everyOf(one.listUploads())) await other.abort(upload);
    expect(await everyOf(one.listUploads())).toEqual([]);
  });
});

/** After so many turns of the event loop. */
function afterTurns(turns: number, act: () => void): void {
  if (turns === 0) act();
  else setImmediate(afterTurns, turns - 1, act);
}
