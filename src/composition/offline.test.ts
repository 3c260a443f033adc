import { expect, it } from '@jest/globals';
import { loadConfig } from '../config/load.js';
import { whereabouts } from './offline.js';

const namedBy = (settings: Readonly<Record<string, unknown>>): Promise<string> =>
  whereabouts(loadConfig({ QUAY_OVERRIDE_CONFIG: JSON.stringify(settings) }, '/nowhere').config);

it('names the registry by its folder, or by the engine of its log without user and password', async () => {
  expect(await namedBy({ DATA_PATH: '/srv/data' })).toBe('in /srv/data');
  const engines = {
    ...{ READ_STORE: 'mongodb', MONGODB_CONNECTION: 'mongodb://localhost' },
    ...{ EVENT_BUS: 'kafka', KAFKA_BROKERS: 'one:9092,two:9092' },
    ...{ MASTER_KEY: '0'.repeat(64), DATA_PATH: '/srv/data' },
    DISTRIBUTED_STORAGE_CONFIG: { far: ['S3Storage', { s3_bucket: 'tidemark', storage_path: '/' }] },
  };
  const connection = 'esdb://admin:s3cret@one:2113,two:2113?tls=false';
  expect(await namedBy({ ...engines, EVENT_STORE: 'eventstoredb', EVENTSTORE_CONNECTION: connection })).toBe(
    'on EventStoreDB at one:2113, two:2113',
  );
  const shared = { EVENT_STORE: 'eventstoredb', EVENTSTORE_CONNECTION: connection, EVENTSTORE_STREAM_PREFIX: 'east' };
  expect(await namedBy({ ...engines, ...shared })).toBe('on EventStoreDB at one:2113, two:2113 (east.…)');
});
