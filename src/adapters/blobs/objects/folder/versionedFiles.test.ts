import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Version } from '../objectStore.js';
import { Places } from './places.js';
import { VersionedFiles } from './versionedFiles.js';

/** Stops each writer when it has seen the present version and before it names the next. */
class Halting extends Places {
  readonly begun = Promise.withResolvers<undefined>();
  readonly gate = Promise.withResolvers<undefined>();

  override async viaTemporary<T>(work: (temporary: string) => Promise<T>): Promise<T> {
    this.begun.resolve(undefined);
    await this.gate.promise;
    return super.viaTemporary(work);
  }
}

describe('versions of an object as files', () => {
  let folder: string;
  let files: VersionedFiles;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-versions-'));
    files = new VersionedFiles(new Places(folder));
    await files.putIf('a/state', Buffer.from('1'), null);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const present = async (): Promise<{ readonly text: string; readonly version: Version }> => {
    const found = await files.get('a/state');
    if (!found) throw new Error('it is not there');
    return { text: Buffer.from(found.bytes).toString(), version: found.version };
  };
  const goOn = async (text: string): Promise<boolean> =>
    files.putIf('a/state', Buffer.from(text), (await present()).version);

  it('refuses a writer who was so slow that the name he wants is free again', async () => {
    const halting = new Halting(folder);
    const { version } = await present();
    const slow = new VersionedFiles(halting).putIf('a/state', Buffer.from('slow'), version);
    await halting.begun.promise;
    expect([await goOn('2'), await goOn('3')]).toEqual([true, true]);
    halting.gate.resolve(undefined);
    expect(await slow).toBe(false);
    expect((await present()).text).toBe('3');
    const [life = ''] = await readdir(join(folder, 'a/.state'));
    expect(await readdir(join(folder, 'a/.state', life))).toEqual(['3']);
  });

  it('refuses a writer whose object was removed, and made again, meanwhile', async () => {
    const halting = new Halting(folder);
    const { version } = await present();
    const slow = new VersionedFiles(halting).putIf('a/state', Buffer.from('slow'), version);
    await halting.begun.promise;
    await files.remove('a/state');
    expect(await files.putIf('a/state', Buffer.from('new'), null)).toBe(true);
    halting.gate.resolve(undefined);
    expect(await slow).toBe(false);
    expect((await present()).text).toBe('new');
  });

  it('refuses a writer who wants to make what another one has made meanwhile', async () => {
    await files.remove('a/state');
    const halting = new Halting(folder);
    const slow = new VersionedFiles(halting).putIf('a/state', Buffer.from('slow'), null);
    await halting.begun.promise;
    expect(await files.putIf('a/state', Buffer.from('quick'), null)).toBe(true);
    halting.gate.resolve(undefined);
    expect(await slow).toBe(false);
    expect((await present()).text).toBe('quick');
  });
});
