import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { newStream, readStream, sampleEvent } from '../eventstore/sampleEvents.js';
import { WrongMasterKey } from '../keys/masterKeyring.js';
import { openEmbeddedStores } from './embedded.js';
import { FolderLocked, lockFolder } from './lock.js';
import { temporaryFolder } from './temporaryFolder.js';

/** A program for another process that locks the folder and says so; then it exits, or stays until it is killed. */
const lockingProgram = (folder: string, stays: boolean): readonly string[] => [
  '--input-type=module',
  '--eval',
  `import { lockFolder } from ${JSON.stringify(new URL('./lock.js', import.meta.url).href)};
   try { lockFolder(${JSON.stringify(folder)}); console.log('locked'); } catch (error) { console.log(error.message); }
   ${stays ? 'setInterval(() => undefined, 1000);' : ''}`,
];

describe('the lock of a data folder', () => {
  it('is held against this process and others, until it is released', async () => {
    const folder = temporaryFolder();
    const release = lockFolder(folder.path);
    expect(() => lockFolder(folder.path)).toThrow(FolderLocked);
    const refused = await promisify(execFile)(process.execPath, lockingProgram(folder.path, false));
    expect(refused.stdout).toContain(folder.path);
    release();
    const taken = await promisify(execFile)(process.execPath, lockingProgram(folder.path, false));
    expect(taken.stdout).toBe('locked\n');
    folder.remove();
  });

  it('dies with the process that held it', async () => {
    const folder = temporaryFolder();
    const holder = spawn(process.execPath, lockingProgram(folder.path, true), { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect(() => lockFolder(folder.path)).toThrow(FolderLocked);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockFolder(folder.path)();
    folder.remove();
  });
});

describe('the embedded stores', () => {
  it('are opened by one process at a time, and again after they were closed', async () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'data');
    const stores = await openEmbeddedStores({ folder: path });
    await expect(openEmbeddedStores({ folder: path })).rejects.toThrow(FolderLocked);
    const stream = newStream();
    await stores.events.append(stream, [sampleEvent()], 'no-stream');
    await stores.operational.write([{ kind: 'put', collection: 'jobs', key: 'a', value: { n: 1 } }]);
    const key = await stores.keys.ensure('account:1');
    await stores.close();

    const reopened = await openEmbeddedStores({ folder: path });
    expect(await readStream(reopened.events, stream)).toHaveLength(1);
    expect(await reopened.operational.get('jobs', 'a')).toMatchObject({ value: { n: 1 } });
    expect(Array.from(await reopened.keys.ensure('account:1'))).toEqual(Array.from(key));
    await reopened.close();
    folder.remove();
  });

  it('give the folder free when they cannot be opened', async () => {
    const folder = temporaryFolder();
    await (await openEmbeddedStores({ folder: folder.path, masterKey: randomBytes(32) })).close();
    const opening = openEmbeddedStores({ folder: folder.path, masterKey: randomBytes(32) });
    await expect(opening).rejects.toThrow(WrongMasterKey);
    lockFolder(folder.path)();
    folder.remove();
  });

  it('do not make a new master key where keys were wrapped by one that was lost', async () => {
    const folder = temporaryFolder();
    await (await openEmbeddedStores({ folder: folder.path })).close();
    rmSync(join(folder.path, 'keys', 'master.key'));
    await expect(openEmbeddedStores({ folder: folder.path })).rejects.toThrow('master.key');
    folder.remove();
  });
});
