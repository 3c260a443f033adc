import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { interleaved, type Suite } from '../bench.js';
import { openInProcess } from '../inProcess.js';
import { twoDigits, type Row } from '../report.js';
import { benchEngines } from '../servers/engines.js';
import { medianRatio, percentile } from '../statistics.js';
import { appends } from './append.js';

const EVENTS_PER_APPEND = 2;

/** The event store's port on both engines: durable appends of the two events of a push. */
export const enginesAppend: Suite = {
  name: 'engines-append',
  what: 'events appended to the embedded log and to EventStoreDB, 1 and 64 appends at a time',
  run: async (bench) => {
    const engines = await benchEngines();
    const inside = await openInProcess(await bench.folder('append'));
    const far = openEventStoreDb(engines.events.connection);
    try {
      const subjects = new Map<string, EventStore>([
        ['embedded', inside.stores.events],
        ['EventStoreDB', far],
      ]);
      const rows: Row[] = [];
      for (const lanes of [1, 64]) {
        const latencies = new Map<EventStore, number[]>([...subjects.values()].map((store) => [store, []]));
        const figures = await interleaved(bench, `engines-append, ${lanes} at a time`, subjects, async (store) => {
          const rate = await appends(store, lanes, bench.seconds, latencies.get(store) ?? []);
          return rate * EVENTS_PER_APPEND;
        });
        const shown = [...subjects].map(([name, store]) => {
          const all = latencies.get(store) ?? [];
          return `${name}: ${percentile(all, 50).toFixed(2)} ms p50, ${percentile(all, 99).toFixed(2)} ms p99 of an append`;
        });
        const measure = `two events an append, ${lanes} at a time`;
        const ratio = twoDigits(medianRatio(figures['EventStoreDB'] ?? [], figures['embedded'] ?? []));
        const notes = [`EventStoreDB to embedded: ${ratio} ×`, ...shown, engines.text].join('; ');
        rows.push({ suite: 'engines-append', measure, unit: 'events/s', figures, bars: [], notes });
      }
      return rows;
    } finally {
      await far.close();
      await inside.close();
      await engines.stop();
    }
  },
};
