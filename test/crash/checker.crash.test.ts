import { afterEach, beforeEach, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrashRun } from './crashRun.js';

/** The checker is worth something only if it objects to a registry that has lost something. */

let run: CrashRun;

beforeEach(async () => {
  run = await CrashRun.start(7);
  await run.quiet(12);
  expect(await run.check(true)).toEqual([]);
  await run.verify();
  await run.halt();
}, 60_000);

afterEach(async () => {
  await run.stop();
}, 60_000);

const file = (...path: string[]): string => join(run.registry.dataPath, ...path);

function change(database: string, sql: string): void {
  const db = new Database(database);
  try {
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
  } finally {
    db.close();
  }
}

it('objects when blobs are missing', async () => {
  await rm(file('blobs', 'sha256'), { recursive: true });
  await run.registry.restart();
  expect((await run.check(true)).join('\n')).toMatch(/blob sha256:\w+ of sha256:\w+ /);
}, 60_000);

it('objects when small contents are missing', async () => {
  change(file('log.sqlite'), 'DELETE FROM contents WHERE id > 20');
  await run.registry.restart();
  expect(await run.check(true)).not.toEqual([]);
}, 60_000);

it('objects when an event was altered', async () => {
  change(
    file('log.sqlite'),
    `UPDATE events SET data = replace(data, 'sha256:0', 'sha256:1') WHERE position =
       (SELECT max(position) FROM events WHERE data LIKE '%sha256:0%')`,
  );
  await expect(run.registry.run(['events', 'verify'])).rejects.toThrow('ended with 1');
}, 60_000);

it('objects when a read model has lost a document', async () => {
  const [lane] = (await readdir(file(), { recursive: true })).filter((path) => /tags[^/]*\.sqlite$/.test(path));
  change(file(lane ?? ''), 'DELETE FROM c_tags WHERE rowid = (SELECT max(rowid) FROM c_tags)');
  await expect(run.registry.run(['projections', 'verify'])).rejects.toThrow('ended with 1');
  await run.registry.restart();
  expect((await run.check(true)).join('\n')).toMatch(/tag \S+ shows null|the list shows/);
}, 60_000);
