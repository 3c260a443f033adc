import { describe, expect, it } from '@jest/globals';
import { RegistryProcess } from '../support/registry.js';

describe('the roles of a process', () => {
  it('are all of them on embedded stores: a part of them is refused with one line', async () => {
    const registry = await RegistryProcess.start();
    try {
      await expect(registry.run(['serve', '--roles', 'api,worker'])).rejects.toThrow(
        /ROLES.*the embedded stores belong to one process, which has all roles/,
      );
      await expect(registry.run(['serve', '--roles', 'apis'])).rejects.toThrow(/ROLES.*"apis"/);
    } finally {
      await registry.stop();
    }
  });

  it('need engines that can be reached: the start says in one line which cannot', async () => {
    const registry = await RegistryProcess.start();
    const engines = {
      EVENT_STORE: 'eventstoredb',
      EVENTSTORE_CONNECTION: 'esdb://127.0.0.1:1?tls=false',
      READ_STORE: 'mongodb',
      MONGODB_CONNECTION: 'mongodb://127.0.0.1:1',
      EVENT_BUS: 'kafka',
      KAFKA_BROKERS: '127.0.0.1:1',
      MASTER_KEY: '00'.repeat(32),
    };
    try {
      await expect(registry.run(['serve', '--roles', 'api'], '', engines)).rejects.toThrow(/EventStoreDB/);
      const { MASTER_KEY: _, ...keyless } = engines;
      await expect(registry.run(['serve'], '', keyless)).rejects.toThrow(
        /MASTER_KEY.*all processes must have the same/,
      );
    } finally {
      await registry.stop();
    }
  });
});
