import { setTimeout as pause } from 'node:timers/promises';
import type { Suite } from '../bench.js';
import { repositoryStream } from '../../src/commands/streamNames.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import type { Position, RepositoryId } from '../../src/domain/shared/ids.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { baseLayers, openInProcess, pushEvents, repositoryIn, type InProcess } from '../inProcess.js';
import { limit, OURS } from '../report.js';
import { median, percentile } from '../statistics.js';

const PUSHES_PER_SECOND = 1_000;
const REPOSITORIES = 32;
const TAGS = 200;
const MOST_MILLISECONDS = 5;

/** Design section 10: from the store's acknowledgement of an append until every read model shows it. */
export const lag: Suite = {
  name: 'lag',
  what: 'how far the read models trail behind the log at 1,000 pushes/s, in one process',
  run: async (bench) => {
    const acknowledged = new Map<Position, number>();
    const delays: number[] = [];
    const inside = await openInProcess(await bench.folder('lag'), { around: (events) => noting(events, acknowledged) });
    inside.core.readModels.start();
    inside.core.readModels.onApplied((events) => {
      const now = performance.now();
      for (const { position } of events) {
        const since = acknowledged.get(position);
        // Not in the map: the read models were there before the acknowledgement was.
        if (since !== undefined) delays.push(now - since);
        acknowledged.delete(position);
        seen.add(position);
      }
    });
    const repositories: RepositoryId[] = [];
    for (let number = 0; number < REPOSITORIES; number++)
      repositories.push(await repositoryIn(inside, 'bench', `app-${number}`));
    const rates: number[] = [];
    const [p50, p99]: [number[], number[]] = [[], []];
    for (let round = 0; round < bench.rounds; round++) {
      delays.length = 0;
      const { appends, rate } = await pushAtRate(inside, repositories, bench.seconds);
      // An event that was applied before its append was acknowledged has no delay.
      while (delays.length < appends) delays.push(0);
      rates.push(rate);
      p50.push(percentile(delays, 50));
      p99.push(percentile(delays, 99));
      bench.note(`lag, round ${round + 1}: ${Math.round(rate)} pushes/s, p99 ${(p99.at(-1) ?? 0).toFixed(2)} ms`);
    }
    await inside.close();
    const figures = { [`${OURS}, p50`]: p50, [`${OURS}, p99`]: p99 };
    const bars = [limit('most', MOST_MILLISECONDS, median(p99), 'ms')];
    const notes = `${Math.round(median(rates))} pushes/s of ${PUSHES_PER_SECOND} were made`;
    return [{ suite: 'lag', measure: 'append acknowledged to read models applied', unit: 'ms', figures, bars, notes }];
  },
};

const base = baseLayers();

/** Positions that were applied, so far as their append's acknowledgement has not come. */
const seen = new Set<Position>();

/** Notes when each append was acknowledged. */
const noting = (events: EventStore, acknowledged: Map<Position, number>): EventStore => ({
  append: async (stream, envelopes, expected) => {
    const appended = await events.append(stream, envelopes, expected);
    if (!seen.delete(appended.position)) acknowledged.set(appended.position, performance.now());
    return appended;
  },
  read: (stream, from) => events.read(stream, from),
  readLast: (stream) => events.readLast(stream),
  readAll: (after, most) => events.readAll(after, most),
  end: () => events.end(),
  subscribeAll: (after, signal) => events.subscribeAll(after, signal),
});

/** Pushes begin at their time, whether or not earlier ones are done. */
async function pushAtRate(
  { core, context }: InProcess,
  repositories: readonly RepositoryId[],
  seconds: number,
): Promise<{ readonly appends: number; readonly rate: number }> {
  const running: Promise<unknown>[] = [];
  const started = performance.now();
  const total = PUSHES_PER_SECOND * seconds;
  while (running.length < total) {
    const due = Math.min(total, ((performance.now() - started) / 1000) * PUSHES_PER_SECOND);
    while (running.length < due) {
      const number = running.length;
      const id = repositories[number % repositories.length];
      if (id === undefined) throw new Error('there is no repository');
      const events = pushEvents(base, `v${number % TAGS}`);
      running.push(core.streams.decide(repositoryAggregate, repositoryStream(id), context(), () => events));
    }
    await pause(1);
  }
  await Promise.all(running);
  return { appends: running.length, rate: running.length / ((performance.now() - started) / 1000) };
}
