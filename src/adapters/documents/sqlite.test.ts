import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { position, START } from '../../domain/shared/ids.js';
import type { Opened } from '../contractFixture.js';
import { temporaryFolder } from '../sqlite/temporaryFolder.js';
import { documentStoreContract, newSpec, put } from './contract.js';
import { openLaneFile } from './laneFile.js';
import { LaneShapeChanged } from './laneShape.js';
import { SqliteDocumentStore } from './sqlite.js';

async function open(): Promise<Opened<SqliteDocumentStore> & { readonly folder: string }> {
  const folder = temporaryFolder();
  let store = new SqliteDocumentStore(folder.path);
  return Promise.resolve({
    folder: folder.path,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = new SqliteDocumentStore(folder.path);
      return store;
    },
    async close() {
      await store.close();
      folder.remove();
    },
  });
}

const laneFiles = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => /^lane.*sqlite$/.test(name));

describe('the document store on SQLite', () => {
  documentStoreContract(open);

  it('takes a build that was written through its file, as another thread does', async () => {
    const { store, close, folder } = await open();
    const spec = newSpec();
    const active = await store.active(spec);
    await active.commit([put('a', { n: 1 })], position(1));
    const { build, path } = await store.build(spec);
    const file = openLaneFile(path, spec, 'building');
    const writes = Array.from({ length: 500 }, (_, n) => put(`tag-${n}`, { n, name: `${n % 10}` }));
    await file.commit(writes, position(9));
    await active.commit([put('a', { n: 2 })], position(2));
    expect((await store.lanes()).find((lane) => !lane.active)).toMatchObject({ build });
    file.close();
    await store.activate(spec, build);
    const found = await active.collection('tags').find({ index: 'byName', equals: ['3'], limit: 100 });
    expect(found.documents).toHaveLength(50);
    expect(await active.collection('tags').get('a')).toBeUndefined();
    expect(laneFiles(folder)).toHaveLength(1);
    await close();
  });

  it('removes the files of lanes that were replaced, discarded or interrupted', async () => {
    const { store, reopen, close, folder } = await open();
    const spec = newSpec();
    const build = await store.build(spec);
    await store.active(spec);
    await build.commit([put('a', {})], position(1));
    expect(laneFiles(folder)).toHaveLength(2);
    await store.activate(spec, build.build);
    expect(laneFiles(folder)).toHaveLength(1);
    await (await store.build(spec)).commit([put('a', {})], position(1));
    await store.discardBuilds(spec.projection);
    expect(laneFiles(folder)).toHaveLength(1);
    writeFileSync(join(folder, 'lane-left-by-a-crash.sqlite'), '');
    writeFileSync(join(folder, 'lane-left-by-a-crash.sqlite-wal'), '');
    await reopen();
    expect(readdirSync(folder).filter((name) => name.startsWith('lane-left'))).toEqual([]);
    await close();
  });

  it('begins a lane anew whose file was lost or is no database', async () => {
    const { store, reopen, close, folder } = await open();
    const spec = newSpec();
    await (await store.active(spec)).commit([put('a', { n: 1 })], position(3));
    await store.close();
    const [name = ''] = laneFiles(folder);
    writeFileSync(join(folder, name), 'not a database, and longer than the header of one: '.repeat(99));
    const reopened = await reopen();
    expect(await reopened.hasActive(spec)).toBe(false);
    expect(await (await reopened.active(spec)).checkpoint()).toBe(START);
    await close();
  });

  it('refuses a lane whose indexes were changed without raising the version', async () => {
    const { store, reopen, close } = await open();
    const spec = newSpec();
    await store.active(spec);
    const reopened = await reopen();
    const changed = { ...spec, collections: [{ name: 'tags', indexes: { byName: ['name', 'at'] } }] };
    await expect(reopened.active(changed)).rejects.toThrow(LaneShapeChanged);
    await close();
  });

  it('checkpoints large write-ahead logs beside the main thread', async () => {
    const { store, close } = await open();
    const lane = await store.active(newSpec());
    for (let commit = 1; commit <= 40; commit++) {
      const writes = Array.from({ length: 200 }, (_, n) => put(`${commit}-${n}`, { n, name: 'x'.repeat(500) }));
      await lane.commit(writes, position(commit));
      await new Promise(setImmediate);
    }
    expect(await lane.collection('tags').get('40-199')).toMatchObject({ n: 199 });
    await close();
  });

  it('seeks in the declared index, also for the page after a cursor', async () => {
    const { store, close } = await open();
    const spec = newSpec();
    const { path } = await store.build(spec);
    const file = openLaneFile(path, spec, 'serving');
    const plan = file.connection
      .prepare<[], string>(
        `EXPLAIN QUERY PLAN SELECT key, document FROM c_tags
         WHERE f_repository = 'a' AND f_at IS NOT NULL AND (f_at, key) > (1, 'a') ORDER BY f_at, key LIMIT 10`,
      )
      .all();
    expect(JSON.stringify(plan)).toMatch(
      /SEARCH c_tags USING INDEX i_tags_byTime \(f_repository=\? AND \(f_at,key\)>\(\?,\?\)\)/,
    );
    expect(JSON.stringify(plan)).not.toMatch(/TEMP B-TREE/);
    file.close();
    await close();
  });
});
