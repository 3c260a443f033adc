import Database from 'better-sqlite3';
import { join } from 'node:path';
import { exportText } from '../../src/commands/exportLog.js';
import { COPIED_RECORDS } from '../../src/commands/migration/records.js';
import { readLog } from '../../src/commands/readLog.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { position } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { Side } from '../../src/commands/migration/side.js';

/** All that an installation holds and that a migration must carry, to be compared. */
export type Holdings = {
  readonly log: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly contents: Readonly<Record<string, string>>;
  readonly records: Readonly<Record<string, unknown>>;
};

export async function holdingsOf(side: Side): Promise<Holdings> {
  return {
    log: await logText(side),
    keys: await keysOf(side),
    contents: await contentsOf(side),
    records: await recordsOf(side),
  };
}

/** The log as it is exported, each event numbered by its place instead of the engine's position. */
export async function logText({ events }: Pick<Side, 'events'>): Promise<string> {
  async function* numbered(): AsyncGenerator<RecordedEvent, void, undefined> {
    let number = 0;
    for await (const event of readLog(events)) yield { ...event, position: position(++number) };
  }
  let text = '';
  for await (const piece of exportText(numbered(), timestamp(0))) text += piece;
  return text;
}

async function keysOf({ keys }: Side): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const entry of keys.entries()) {
    const { kind, name } = entry;
    const kept = entry.kind === 'secret' ? entry.secret : entry.key;
    all[`${kind}/${name}`] = typeof kept === 'string' ? kept : Buffer.from(kept).toString('hex');
  }
  return all;
}

async function contentsOf({ blobs }: Side): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const { digest, generation, size } of blobs.list()) {
    const bytes = await blobs.read({ digest, generation });
    all[`${digest}/${generation}`] = `${size}: ${Buffer.from(bytes.subarray(0, 64)).toString('base64')}`;
  }
  return all;
}

async function recordsOf({ operational }: Side): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const collection of ['contents', ...COPIED_RECORDS]) {
    for (const { key, value, due } of await operational.list(collection, { limit: 10_000 })) {
      all[`${collection}/${key}`] = { value, due };
    }
  }
  return all;
}

/** The names of all collections that an embedded registry has records in. */
export function collectionsIn(folder: string): readonly string[] {
  const db = new Database(join(folder, 'log.sqlite'), { readonly: true });
  try {
    return db.prepare<[], string>('SELECT DISTINCT collection FROM records ORDER BY collection').pluck().all();
  } finally {
    db.close();
  }
}
