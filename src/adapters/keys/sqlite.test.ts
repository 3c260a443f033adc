import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Opened } from '../contractFixture.js';
import { temporaryFolder } from '../sqlite/temporaryFolder.js';
import { keyStoreContract } from './contract.js';
import { loadMasterKey, loadOrCreateMasterKey } from './masterKey.js';
import { WrongMasterKey } from './masterKeyring.js';
import { SqliteKeyStore } from './sqlite.js';
import { keyTransferContract } from './transferContract.js';
import { NotUnwrapped } from './wrapping.js';

const masterKey = randomBytes(32);

type OpenedKeys = Opened<SqliteKeyStore> & { readonly folder: string };

function openKeys(): OpenedKeys {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, 'keys');
  let store = new SqliteKeyStore(folder, masterKey);
  return {
    folder,
    get store() {
      return store;
    },
    reopen: () => {
      store.close();
      store = new SqliteKeyStore(folder, masterKey);
      return Promise.resolve(store);
    },
    close: () => {
      store.close();
      temporary.remove();
      return Promise.resolve();
    },
  };
}

const bytesIn = (folder: string): Buffer =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));

function wrappedKey(folder: string, subject: string): Buffer {
  const db = new Database(join(folder, 'keys.sqlite'), { readonly: true });
  try {
    return (
      db.prepare<[string], Buffer>('SELECT wrapped FROM keys WHERE subject = ?').pluck().get(subject) ?? Buffer.alloc(0)
    );
  } finally {
    db.close();
  }
}

describe('the key store on SQLite', () => {
  keyStoreContract(() => Promise.resolve(openKeys()));
  keyTransferContract(() => Promise.resolve(openKeys()));

  it('writes what it takes wrapped by its own master key', async () => {
    const { folder, store, close } = openKeys();
    const key = randomBytes(32);
    await store.take([
      { kind: 'key', name: 'account:1', key },
      { kind: 'secret', name: 'signing', secret: 'not to be seen' },
    ]);
    expect(bytesIn(folder).includes(key)).toBe(false);
    expect(bytesIn(folder).includes('not to be seen')).toBe(false);
    await close();
  });

  it('refuses another master key, and one of a wrong length', async () => {
    const { folder, store, close } = openKeys();
    store.close();
    expect(() => new SqliteKeyStore(folder, randomBytes(32))).toThrow(WrongMasterKey);
    expect(() => new SqliteKeyStore(folder, randomBytes(16))).toThrow(RangeError);
    await close();
  });

  it('lets only its owner read it', async () => {
    const { folder, close } = openKeys();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'keys.sqlite')).mode & 0o777).toBe(0o600);
    await close();
  });

  it('keeps no key in clear, and nothing of a destroyed one', async () => {
    const { folder, store, close } = openKeys();
    const key = await store.ensure('account:1');
    await store.ensure('account:2');
    const wrapped = wrappedKey(folder, 'account:1');
    expect(bytesIn(folder).includes(Buffer.from(key))).toBe(false);
    expect(bytesIn(folder).includes(wrapped)).toBe(true);
    await store.destroy('account:1');
    expect(bytesIn(folder).includes(wrapped)).toBe(false);
    await close();
  });

  it('does not take the key of one subject for that of another', async () => {
    const { folder, store, reopen, close } = openKeys();
    await store.ensure('account:1');
    await store.ensure('account:2');
    const db = new Database(join(folder, 'keys.sqlite'));
    db.exec(
      "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE subject = 'account:1') WHERE subject = 'account:2'",
    );
    db.close();
    await expect((await reopen()).get('account:2')).rejects.toThrow(NotUnwrapped);
    await close();
  });
});

describe('the master key', () => {
  it('is made once, for its owner alone, and read again', () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'keys', 'master.key');
    const key = loadOrCreateMasterKey(path);
    expect(key).toHaveLength(32);
    expect(loadOrCreateMasterKey(path)).toEqual(key);
    expect(loadMasterKey(path)).toEqual(key);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder.path, 'keys'))).toEqual(['master.key']);
    folder.remove();
  });

  it('is refused when the file holds something else, and not made where it must be there', () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'master.key');
    expect(() => loadMasterKey(path)).toThrow('ENOENT');
    writeFileSync(path, 'correct horse battery staple\n');
    expect(() => loadOrCreateMasterKey(path)).toThrow('64 hexadecimal digits');
    folder.remove();
  });
});
