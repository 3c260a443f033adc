import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { idsOf, newStream, sampleEvents } from '../adapters/eventstore/sampleEvents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { EventId, Position } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Relay, RelayOvertaken, type RelayOptions } from './relay.js';

/** A bus that remembers what was published. */
class TestBus {
  readonly batches: (readonly RecordedEvent[])[] = [];
  #waiting: (() => void)[] = [];
  /** Awaited before a batch is taken. */
  gate: (batch: readonly RecordedEvent[]) => Promise<void> = () => Promise.resolve();

  async publish(events: readonly RecordedEvent[]): Promise<void> {
    await this.gate(events);
    this.batches.push(events);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get ids(): readonly EventId[] {
    return idsOf(this.batches.flat());
  }

  async has(count: number): Promise<readonly EventId[]> {
    while (this.ids.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.ids;
  }
}

describe('the relay', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engines: EmbeddedEngines;
  let bus: TestBus;
  let failures: unknown[];
  let running: { readonly stop: () => Promise<void> }[];

  beforeEach(async () => {
    folder = temporaryFolder();
    engines = await openEmbeddedStores({ folder: folder.path });
    [bus, failures, running] = [new TestBus(), [], []];
  });
  afterEach(async () => {
    await Promise.allSettled(running.map(({ stop }) => stop()));
    await engines.close();
    folder.remove();
  });

  const start = (fence: number, options: Partial<RelayOptions> = {}) => {
    const { events, operational } = engines;
    const failed = (error: unknown) => failures.push(error);
    const patience = { firstPause: 1, longestPause: 10 };
    const relay = new Relay({ events, operational, bus, failed, patience, ...options });
    const stopping = new AbortController();
    const ended = relay.run(stopping.signal, fence);
    const stop = (): Promise<void> => {
      stopping.abort();
      return ended;
    };
    running.push({ stop });
    return { stop, ended };
  };
  const happen = async (count: number): Promise<readonly EventId[]> => {
    const events = sampleEvents(count);
    await engines.events.append(newStream(), events, 'no-stream');
    return idsOf(events);
  };

  /** The operational store, but for its writing. */
  const writing = (write: OperationalStore['write']): OperationalStore => ({
    get: (...call) => engines.operational.get(...call),
    getMany: (...call) => engines.operational.getMany(...call),
    list: (...call) => engines.operational.list(...call),
    due: (...call) => engines.operational.due(...call),
    write,
  });

  it('publishes everything there is and everything to come, in order', async () => {
    const before = [...(await happen(300)), ...(await happen(20))];
    start(1);
    expect(await bus.has(320)).toEqual(before);
    const after = await happen(3);
    expect(await bus.has(323)).toEqual([...before, ...after]);
    expect(failures).toEqual([]);
  });

  it('goes on where the last one was when it stopped', async () => {
    const before = await happen(5);
    const first = start(1);
    expect(await bus.has(5)).toEqual(before);
    await first.stop();
    const after = await happen(2);
    start(2);
    expect(await bus.has(7)).toEqual([...before, ...after]);
  });

  it('publishes together what came while it was busy', async () => {
    const gate = Promise.withResolvers<undefined>();
    const first = Promise.withResolvers<undefined>();
    bus.gate = () => {
      first.resolve(undefined);
      return gate.promise.then(() => undefined);
    };
    start(1);
    const one = await happen(1);
    await first.promise;
    const more = [...(await happen(1)), ...(await happen(1)), ...(await happen(1))];
    gate.resolve(undefined);
    expect(await bus.has(4)).toEqual([...one, ...more]);
    expect(bus.batches.map((batch) => batch.length)).toEqual([1, 3]);
  });

  it('publishes again what the bus did not take', async () => {
    let refusals = 3;
    bus.gate = () => (refusals-- > 0 ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve());
    const ids = await happen(4);
    start(1);
    expect(await bus.has(4)).toEqual(ids);
    expect(failures).toHaveLength(3);
  });

  it('ends when a later one has begun, which repeats at most what was not written down', async () => {
    const ids = await happen(3);
    const first = start(1);
    await bus.has(3);
    start(2);
    const more = await happen(3);
    await expect(first.ended).rejects.toThrow(RelayOvertaken);
    await bus.has(6);
    expect([...new Set(bus.ids)]).toEqual([...ids, ...more]);
  });

  it('does not begin under an older lease than the last one', async () => {
    await happen(1);
    const later = start(7);
    await bus.has(1);
    await later.stop();
    await expect(start(6).ended).rejects.toThrow(RelayOvertaken);
    expect(bus.ids).toHaveLength(1);
  });

  it('knows its own place again when the answer to its writing got lost', async () => {
    let lost = 0;
    const operational = writing(async (writes) => {
      await engines.operational.write(writes);
      if (lost++ % 2 === 0) throw new StoreUnavailable('the answer was lost');
    });
    const ids = await happen(3);
    const first = start(1, { operational });
    expect(await bus.has(3)).toEqual(ids);
    const more = await happen(3);
    expect(await bus.has(6)).toEqual([...ids, ...more]);
    await first.stop().catch((error: unknown) => failures.push(error));
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailable);
    start(2);
    const last = await happen(1);
    await bus.has(7);
    expect([...new Set(bus.ids)]).toEqual([...ids, ...more, ...last]);
  });

  it('tells what is published, and since when something waits', async () => {
    const told: (Position | Timestamp | null)[] = [];
    const ids = await happen(2);
    const end = await engines.events.end();
    const relay = start(1, { published: (position) => told.push(position), waiting: (since) => told.push(since) });
    expect(await bus.has(2)).toEqual(ids);
    await relay.stop();
    expect(told).toEqual(['2026-06-18T18:59:13.042Z', end, null, null]);
  });
});
