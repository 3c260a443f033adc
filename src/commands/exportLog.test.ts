import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testKey, TestLog } from '../../test/support/testLog.js';
import { checkpointText } from '../domain/registry/checkpoint.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { timestamp } from '../domain/shared/time.js';
import { exportLog, exportText, openExport } from './exportLog.js';
import { ExportUnreadable, readExport } from './readExport.js';
import { verifyLog } from './verifyLog.js';

const NOW = timestamp(Date.UTC(2026, 5, 18));

function someLog(): TestLog {
  const log = new TestLog().announce(testKey(1));
  for (let number = 0; number < 30; number++) {
    log.append(`repository-${number % 4}`, 'TagMoved', {
      tag: `v${number}`,
      note: 'äöü \u2028 "\ufffd"',
      '10': [1, { '9': null }],
    });
  }
  log.checkpoint(2);
  return log;
}

async function* from<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  await Promise.resolve();
  yield* items;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const textOf = async (events: readonly RecordedEvent[]): Promise<string> =>
  (await all(exportText(from(events), NOW))).join('');

/** Bytes in pieces that end anywhere, in the middle of a character too. */
const inPieces = (text: string, size = 7): AsyncIterable<Uint8Array> => {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return from(Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size)));
};

const read = (text: string): Promise<RecordedEvent[]> => all(readExport(inPieces(text)));

describe('an export', () => {
  const { events } = someLog();

  it('is a header, an event a line, and a footer that counts them', async () => {
    const lines = (await textOf(events)).split('\n');
    expect(lines).toHaveLength(events.length + 3);
    expect(lines[0]).toBe('{"format":"tidemark-events","version":1,"exportedAt":"2026-06-18T00:00:00.000Z"}');
    expect(JSON.parse(lines[1] ?? '')).toEqual(events[0]);
    expect(lines.slice(-2)).toEqual(['{"events":32}', '']);
  });

  it('is read as it was written', async () => {
    expect(await read(await textOf(events))).toEqual(events);
    expect(await read(await textOf([]))).toEqual([]);
  });

  const mutations: [string, (lines: string[]) => void, number, string][] = [
    ['an empty file', (lines) => lines.splice(0), 1, 'is missing: the export is cut off before its footer'],
    ['no header', (lines) => lines.splice(0, 1), 1, 'is not the header of an export in version 1'],
    ['another version', (lines) => lines.splice(0, 1, lines[0]?.replace('1', '2') ?? ''), 1, 'is not the header'],
    ['no footer', (lines) => lines.splice(-2, 1), 34, 'is missing: the export is cut off before its footer'],
    ['a line cut off', (lines) => lines.splice(-3, 3, lines.at(-3)?.slice(0, 100) ?? ''), 33, 'is cut off'],
    [
      'a wrong count',
      (lines) => lines.splice(-2, 1, '{"events":31}'),
      34,
      'says that there are 31 events, but 32 came',
    ],
    ['events after the footer', (lines) => lines.splice(3, 0, '{"events":2}'), 5, 'stands after the footer'],
    ['an empty line', (lines) => lines.splice(3, 0, ''), 4, 'is not an event'],
    ['no JSON', (lines) => lines.splice(3, 1, '{"position"'), 4, 'is not an event'],
    ['white space', (lines) => lines.splice(3, 1, `${lines[3] ?? ''} `), 4, 'is not an event'],
    ['a carriage return', (lines) => lines.splice(3, 1, `${lines[3] ?? ''}\r`), 4, 'is not an event'],
    [
      'a member twice',
      (lines) => lines.splice(3, 1, lines[3]?.replace('"id"', '"id":"","id"') ?? ''),
      4,
      'is not an event',
    ],
    [
      'a member more',
      (lines) => lines.splice(3, 1, lines[3]?.replace('"id"', '"more":1,"id"') ?? ''),
      4,
      'is not an event',
    ],
    [
      'another spelling',
      (lines) => lines.splice(3, 1, lines[3]?.replace('TagMoved', 'T\\u0061gMoved') ?? ''),
      4,
      'is not an',
    ],
    ['a line without end', (lines) => lines.splice(3, 1, 'x'.repeat(2_000_000)), 4, 'is longer than 1048576 bytes'],
  ];

  it.each(mutations)('with %s is not read', async (_, mutate, line, reason) => {
    const lines = (await textOf(events)).split('\n');
    mutate(lines);
    const error: unknown = await read(lines.join('\n')).catch((thrown: unknown) => thrown);
    if (!(error instanceof ExportUnreadable)) throw error;
    expect([error.line, error.reason.slice(0, reason.length)]).toEqual([line, reason]);
  });

  it('must be UTF-8: a byte that is not is no replacement character', async () => {
    const bytes = Buffer.from(await textOf(events));
    const at = bytes.indexOf(Buffer.from('\ufffd'));
    const broken = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]);
    await expect(all(readExport(from([broken])))).rejects.toThrow('line 3 is not UTF-8');
  });

  it('says which event an unreadable line was', async () => {
    const text = (await textOf(events)).replace('"v5"', '"v5');
    const { id, stream, revision, position } = events[6] ?? {};
    const event = { id, stream, revision, position };
    expect(await verifyLog(readExport(inPieces(text)))).toMatchObject({
      ok: false,
      problem: { kind: 'unreadable', event, foundAt: event, line: 8, message: 'line 8 is not an event' },
    });
  });

  it('is verified with nothing else', async () => {
    expect(await verifyLog(readExport(inPieces(await textOf(events))))).toMatchObject({
      ok: true,
      events: 32,
      coveredUpTo: 29,
    });
  });

  it('is verified against what was kept elsewhere', async () => {
    const log = someLog();
    const checkpoint = checkpointText(log.checkpoint());
    const whole = () => readExport(inPieces(text));
    const text = await textOf(log.events);
    const trustedKey = testKey(1).publicKey;
    expect(await verifyLog(whole(), { checkpoint, trustedKey })).toMatchObject({ ok: true, coveredUpTo: 32 });
    expect(await verifyLog(whole(), { trustedKey: testKey(2).publicKey })).toMatchObject({
      problem: { kind: 'untrusted' },
    });
    const cut = await textOf(events);
    expect(await verifyLog(readExport(inPieces(cut)), { checkpoint })).toMatchObject({ problem: { kind: 'cut-off' } });
    await expect(verifyLog(whole(), { checkpoint: '{}' })).rejects.toMatchObject({ code: 'checkpoint-invalid' });
    await expect(verifyLog(whole(), { trustedKey: 'key' })).rejects.toMatchObject({ code: 'signing-key-invalid' });
  });
});

describe('an export file', () => {
  const { events } = someLog();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'export-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is text', async () => {
    const path = join(folder, 'log.ndjson');
    await exportLog(from(events), path, NOW);
    expect(await readFile(path, 'utf8')).toBe(await textOf(events));
    expect(await all(readExport(openExport(path)))).toEqual(events);
  });

  it('is compressed if its name says so', async () => {
    const path = join(folder, 'log.ndjson.gz');
    await exportLog(from(events), path, NOW);
    expect(gunzipSync(await readFile(path)).toString()).toBe(await textOf(events));
    expect(await all(readExport(openExport(path)))).toEqual(events);
  });

  it('that is compressed and damaged or cut off is not read', async () => {
    const path = join(folder, 'log.ndjson.gz');
    await exportLog(from(events), path, NOW);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 100));
    await expect(all(readExport(openExport(path)))).rejects.toThrow(ExportUnreadable);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 200), Buffer.alloc(100), bytes.subarray(300)]));
    await expect(all(readExport(openExport(path)))).rejects.toThrow(ExportUnreadable);
  });

  it('does not appear if the log could not be read to its end', async () => {
    const path = join(folder, 'log.ndjson');
    await expect(exportLog(failing(events), path, NOW)).rejects.toThrow('the store went away');
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is not there is not an empty one', async () => {
    await expect(all(readExport(openExport(join(folder, 'none.ndjson.gz'))))).rejects.toThrow('ENOENT');
    await expect(all(readExport(openExport(join(folder, 'none.ndjson'))))).rejects.toThrow('ENOENT');
  });
});

async function* failing(events: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent, void, undefined> {
  yield* from(events);
  throw new Error('the store went away');
}
