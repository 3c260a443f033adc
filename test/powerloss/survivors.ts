import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteSmallContents } from '../../src/adapters/blobs/sqliteSmallContents.js';
import { EventReader } from '../../src/adapters/eventstore/eventReader.js';
import { readStream, sampleEvent } from '../../src/adapters/eventstore/sampleEvents.js';
import { loadMasterKey } from '../../src/adapters/keys/masterKey.js';
import { keysFileOf, SqliteKeyStore } from '../../src/adapters/keys/sqlite.js';
import { openForWriting } from '../../src/adapters/sqlite/database.js';
import { logPathOf, openEmbeddedStores } from '../../src/adapters/sqlite/embedded.js';
import { logSchema } from '../../src/adapters/sqlite/logSchema.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import type { StreamName } from '../../src/domain/shared/ids.js';

/** What can be found in a data folder after a loss of power. */
export type Survivors = {
  stream(name: StreamName): Promise<readonly RecordedEvent[]>;
  record(key: string): Promise<{ readonly version: number; readonly said: unknown } | undefined>;
  content(key: string): Uint8Array | undefined;
  key(subject: string): Promise<Uint8Array | 'destroyed' | undefined>;
  /** Appends to a stream that ends at this revision (-1: that does not exist). */
  append(name: StreamName, revision: number): Promise<void>;
  close(): Promise<void>;
};

/** Opens a data folder as a start of the registry does. */
export async function openAsRegistry(folder: string): Promise<Survivors> {
  const engines = await openEmbeddedStores({ folder });
  const contents = new SqliteSmallContents(engines.log);
  return {
    stream: (name) => readStream(engines.events, name),
    record: async (key) => {
      const record = await engines.operational.get('sessions', key);
      return record && { version: record.version, said: record.value['version'] };
    },
    content: (key) => contents.get(key),
    key: (subject) => engines.keys.get(subject),
    append: async (name, revision) => {
      await engines.events.append(name, [sampleEvent()], revision < 0 ? 'no-stream' : revision);
    },
    close: () => engines.close(),
  };
}

type RecordRow = { readonly version: number; readonly value: string };

/** Opens only the files themselves, which recovers them just the same and takes a fraction of the time. */
export function openFiles(folder: string): Promise<Survivors> {
  const keysFolder = join(folder, 'keys');
  // What a start would make anew: where it was not made yet, nothing can have been promised.
  if (!existsSync(logPathOf(folder)) || !existsSync(keysFileOf(keysFolder))) return openAsRegistry(folder);
  const keys = new SqliteKeyStore(keysFolder, loadMasterKey(join(keysFolder, 'master.key')));
  const log = openForWriting(logPathOf(folder), 'FULL', logSchema);
  const events = new EventReader(log);
  const record = log.prepare<[string], RecordRow>(
    "SELECT version, value FROM records WHERE collection = 'sessions' AND key = ?",
  );
  const content = log.prepare<[string], Uint8Array>('SELECT bytes FROM contents WHERE key = ?').pluck();
  return Promise.resolve({
    stream: (name) => Promise.resolve(events.stream(name, 0, 10_000)),
    record: (key) => {
      const row = record.get(key);
      return Promise.resolve(
        row && { version: row.version, said: (JSON.parse(row.value) as { version: unknown }).version },
      );
    },
    content: (key) => content.get(key),
    key: (subject) => keys.get(subject),
    append: () => Promise.resolve(),
    close: () => {
      log.close();
      keys.close();
      return Promise.resolve();
    },
  });
}
