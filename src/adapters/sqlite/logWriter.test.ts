import { randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../../ports/errors.js';
import { LogWriter } from './logWriter.js';
import { openLog, openLogForReading } from './log.js';
import { NO_STREAM, status, type AppendRequest, type WriterRequest } from './protocol.js';
import { temporaryFolder } from './temporaryFolder.js';

const append = (stream: string, expected = NO_STREAM, events = 1): AppendRequest => ({
  kind: 'append',
  stream,
  expected,
  fields: Array.from({ length: events }, () => [randomUUID(), 'TagMoved', '{}', '{}']).flat(),
});

const put = (key: string): WriterRequest => ({
  kind: 'write',
  writes: [{ collection: 'jobs', key, expected: 0, value: '{}', due: null }],
});

describe('the log', () => {
  let folder: ReturnType<typeof temporaryFolder> | undefined;
  let path = '';

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'log.sqlite');
  });
  afterEach(() => {
    folder?.remove();
  });

  /** Runs SQL on a connection of its own, as an administrator with a shell might. */
  function meddle(sql: string): void {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }

  const count = (table: string): number => {
    const db = openLogForReading(path);
    const rows = db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
    db.close();
    return rows;
  };

  it('commits a group in the order of its requests, each on top of those before', () => {
    const writer = new LogWriter(path);
    const outcomes = writer.commit([append('a', NO_STREAM, 2), append('a', 0), append('a', 1), put('x'), put('x')]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      status.committed,
      status.revisionConflict,
      status.committed,
      status.committed,
      status.versionConflict,
    ]);
    expect([count('events'), count('records')]).toEqual([3, 1]);
    writer.close();
  });

  it('takes nothing of a group whose transaction fails, and goes on as if it had never been', () => {
    const writer = new LogWriter(path);
    const known = append('known');
    writer.commit([known]);
    meddle('ALTER TABLE records RENAME TO elsewhere');
    expect(() => writer.commit([append('a'), append('known', 0), put('x')])).toThrow('records');
    meddle('ALTER TABLE elsewhere RENAME TO records');
    expect(writer.commit([append('a'), append('known', 0), put('x'), known])).toMatchObject([
      { status: status.committed, first: 2, second: 0 },
      { status: status.committed, first: 3, second: 1 },
      { status: status.committed },
      { status: status.repeated, first: 1, second: 0 },
    ]);
    expect(count('events')).toBe(3);
    writer.close();
  });

  it('tells all who submitted to a group that failed, and serves the next', async () => {
    const log = await openLog(path);
    meddle('ALTER TABLE events RENAME TO elsewhere');
    const submitted = [append('a'), put('x'), append('b')].map((request) =>
      log.writer.submit(request, () => 'answered'),
    );
    for (const result of await Promise.allSettled(submitted)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    meddle('ALTER TABLE elsewhere RENAME TO events');
    expect(await log.writer.submit(append('a'), (outcome) => outcome.first)).toBe(1);
    await log.close();
    expect([count('events'), count('records')]).toEqual([1, 0]);
  });

  it('lets nothing take effect that was submitted behind a failure before that was known', async () => {
    const log = await openLog(path);
    meddle('ALTER TABLE records RENAME TO elsewhere');
    const failing = log.writer.submit(put('x'), () => 'answered');
    // Another message, on its way before anybody can know what became of the first.
    await new Promise((resolve) => {
      process.nextTick(resolve);
    });
    const behind = log.writer.submit(append('a'), () => 'answered');
    expect(await Promise.allSettled([failing, behind])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(await log.writer.submit(append('a'), (outcome) => outcome.second)).toBe(0);
    await log.close();
    expect(count('events')).toBe(1);
  });

  it('moves its write-ahead log into the file, at the latest when it is closed', () => {
    const writer = new LogWriter(path);
    writer.commit(Array.from({ length: 100 }, (_, stream) => append(`stream-${stream}`, NO_STREAM, 20)));
    expect(writer.pagesInLog).toBeGreaterThan(0);
    const before = statSync(path).size;
    writer.checkpoint();
    expect(writer.pagesInLog).toBe(0);
    expect(statSync(path).size).toBeGreaterThan(before);
    writer.commit([append('one more')]);
    writer.close();
    expect(() => statSync(`${path}-wal`)).toThrow('ENOENT');
    expect(count('events')).toBe(2001);
  });

  it('can be read beside the process that writes it', async () => {
    const log = await openLog(path);
    await log.writer.submit(append('a', NO_STREAM, 3), () => undefined);
    expect(count('events')).toBe(3);
    await log.close();
    expect(count('events')).toBe(3);
  });

  it('is refused when it is no log, or one of a newer version, or not there', async () => {
    expect(() => openLogForReading(path)).toThrow();
    await (await openLog(path)).close();
    meddle('PRAGMA user_version = 99');
    await expect(openLog(path)).rejects.toThrow('schema version 99');
    expect(() => openLogForReading(path)).toThrow('schema version 99');
    writeFileSync(path, 'something else entirely, and longer than a header\n'.repeat(99));
    await expect(openLog(path)).rejects.toThrow('not a database');
  });
});
