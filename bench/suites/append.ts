import { v7 as uuidv7 } from 'uuid';
import { interleaved, type Suite } from '../bench.js';
import type { EventEnvelope } from '../../src/domain/shared/envelope.js';
import type { EventId, StreamName } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { baseLayers, openInProcess, pushEvents } from '../inProcess.js';
import { percentile } from '../statistics.js';

/** What the store itself does: durable appends of the two events of a push. */
export const append: Suite = {
  name: 'append',
  what: 'durable appends to the event store, 1 and 64 at a time',
  run: async (bench) => {
    const inside = await openInProcess(await bench.folder('append'));
    const latencies = new Map<number, number[]>();
    const subjects = new Map([1, 64].map((lanes) => [`${lanes} at a time`, lanes]));
    const figures = await interleaved(bench, 'append', subjects, (lanes) => {
      const all = latencies.get(lanes) ?? [];
      latencies.set(lanes, all);
      return appends(inside.stores.events, lanes, bench.seconds, all);
    });
    await inside.close();
    const notes = [...latencies].map(
      ([lanes, all]) => `${lanes} at a time: ${shown(all, 50)} p50, ${shown(all, 99)} p99`,
    );
    return [
      { suite: 'append', measure: 'two events each', unit: 'appends/s', figures, bars: [], notes: notes.join('; ') },
    ];
  },
};

const shown = (latencies: readonly number[], percent: number): string =>
  `${percentile(latencies, percent).toFixed(2)} ms`;

/** @returns appends a second */
export async function appends(
  events: EventStore,
  lanes: number,
  seconds: number,
  latencies: number[],
): Promise<number> {
  const started = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      const stream = `repository-${uuidv7()}` as StreamName;
      for (let revision = 0; performance.now() - started < seconds * 1000; revision += 2) {
        const begun = performance.now();
        await events.append(stream, envelopes(), revision === 0 ? 'no-stream' : revision - 1);
        latencies.push(performance.now() - begun);
        done++;
      }
    }),
  );
  return done / ((performance.now() - started) / 1000);
}

const base = baseLayers();

/** As large as real ones; nobody verifies this log. */
const envelopes = (): EventEnvelope[] =>
  pushEvents(base, 'latest').map(({ type, data }) => ({
    ...{ id: uuidv7() as EventId, type, data },
    metadata: {
      ...{
        schema: 1,
        at: timestamp(Date.now()),
        actor: { kind: 'system', id: null },
        credential: null,
        via: 'registry',
      },
      ...{ asSuperuser: false, ip: null, userAgent: null, correlationId: uuidv7(), causationId: null },
      ...{ prevHash: 'f'.repeat(64), hash: 'f'.repeat(64) },
    },
  }));
