import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { VersionConflict } from '../../ports/errors.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { newStream, readStream, sampleEvent } from '../eventstore/sampleEvents.js';
import { SqliteEventStore } from '../eventstore/sqlite.js';
import { openLog, type Log } from '../sqlite/log.js';
import { temporaryFolder } from '../sqlite/temporaryFolder.js';
import { operationalStoreContract } from './contract.js';
import { SqliteOperationalStore } from './sqlite.js';

type Stores = SqliteOperationalStore & { readonly log: Log };

const storeOn = (log: Log): Stores => Object.assign(new SqliteOperationalStore(log), { log });

async function open(): Promise<Opened<Stores>> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'log.sqlite');
  let store = storeOn(await openLog(path));
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.log.close();
      store = storeOn(await openLog(path));
      return store;
    },
    async close() {
      await store.log.close();
      folder.remove();
    },
  };
}

describe('the operational store on SQLite', () => {
  operationalStoreContract(open);

  const { store } = storePerTest(open);

  it('undoes the writes before the one that lost', async () => {
    await store().write([{ kind: 'put', collection: 'jobs', key: 'a', value: { n: 1 } }]);
    const refused = store().write([
      { kind: 'put', collection: 'jobs', key: 'a', value: { n: 2 } },
      { kind: 'delete', collection: 'jobs', key: 'missing', expected: 4 },
    ]);
    await expect(refused).rejects.toThrow(VersionConflict);
    expect(await store().get('jobs', 'a')).toMatchObject({ version: 1, value: { n: 1 } });
  });

  it('shares the group commit of the event store without either harming the other', async () => {
    const events = new SqliteEventStore(store().log);
    const streams = Array.from({ length: 20 }, newStream);
    const results = await Promise.allSettled(
      streams.flatMap((stream) => [
        events.append(stream, [sampleEvent()], 'no-stream'),
        store().write([{ kind: 'put', collection: 'jobs', key: stream, value: {}, expected: 9 }]),
        store().write([{ kind: 'put', collection: 'jobs', key: stream, value: {}, expected: 0 }]),
        events.append(stream, [sampleEvent()], 'no-stream'),
      ]),
    );
    expect(results.map(({ status }) => status)).toEqual(
      streams.flatMap(() => ['fulfilled', 'rejected', 'fulfilled', 'rejected']),
    );
    expect(await store().list('jobs', { limit: 99 })).toHaveLength(20);
    for (const stream of streams) expect(await readStream(events, stream)).toHaveLength(1);
    events.close();
  });
});
