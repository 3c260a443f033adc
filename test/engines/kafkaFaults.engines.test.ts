import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamOf } from '../../src/adapters/bus/contract.js';
import type { KafkaEventBus } from '../../src/adapters/bus/kafka/kafkaBus.js';
import { idsOf, sampleEvents } from '../../src/adapters/eventstore/sampleEvents.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import type { EventHandler } from '../../src/ports/eventBus.js';
import { kafkaEngine, plainClient } from './kafka.js';
import { contentOf, header, newPrefix, openBus, Places, removeAll } from './kafkaBus.js';
import { Toxiproxy } from './toxiproxy.js';

const engine = await kafkaEngine();
const brokers = engine?.brokers ?? [];
const own = engine?.own;
const line = engine?.line;
const network = line ? await Toxiproxy.start() : undefined;
const wire = line && (await network?.to(line.target, line.port));
afterAll(async () => {
  await network?.stop();
  await engine?.stop();
});
const withEngine = engine ? describe : describe.skip;

/** Effects keyed by event, wherever they come from: what a worker's store does. */
class Effects {
  readonly #done = new Map<string, RecordedEvent>();
  readonly #waiting: { readonly count: number; readonly wake: () => void }[] = [];

  readonly handle: EventHandler = (event) => {
    if (!this.#done.has(event.id)) this.#done.set(event.id, event);
    for (const { count, wake } of this.#waiting) if (this.#done.size >= count) wake();
    return Promise.resolve();
  };

  has(id: string): boolean {
    return this.#done.has(id);
  }

  /** Resolves when so many events had their effect. */
  reach(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    if (this.#done.size >= count) resolve(undefined);
    this.#waiting.push({
      count,
      wake: () => {
        resolve(undefined);
      },
    });
    return promise;
  }

  /** Revisions of a stream in the order of their effects. */
  of(stream: string): readonly number[] {
    return [...this.#done.values()].filter((event) => event.stream === stream).map(({ revision }) => revision);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const ascending = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

withEngine('consumers on Kafka that come and go', () => {
  let prefix: string;
  let buses: KafkaEventBus[];
  beforeEach(() => {
    [prefix, buses] = [newPrefix(), []];
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await removeAll(brokers, prefix);
  });
  const member = async (options: Parameters<typeof openBus>[2] = {}): Promise<KafkaEventBus> => {
    const bus = await openBus(brokers, prefix, { partitions: 6, ...options });
    buses.push(bus);
    return bus;
  };
  const streams = Array.from({ length: 24 }, () => streamOf('repository'));
  const EACH = 15;
  const published = async (bus: KafkaEventBus, places = new Places()): Promise<readonly RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for (let number = 0; number < EACH; number++) {
      for (const stream of streams) events.push(...places.record(stream, sampleEvents(1)));
    }
    await bus.publish(events);
    return events;
  };
  const expectAll = (effects: Effects, each = EACH): void => {
    for (const stream of streams) expect(effects.of(stream)).toEqual(ascending(each));
  };
  /** Until the group is in a state, as its coordinator sees it. */
  const untilGroup = async (group: string, state: 'PreparingRebalance' | 'Empty'): Promise<void> => {
    const admin = plainClient(brokers).admin();
    await admin.connect();
    for (;;) {
      const { groups } = await admin.describeGroups([`${prefix}.${group}`]);
      if (groups[0]?.state === state) break;
      await nextTurn();
    }
    await admin.disconnect();
  };

  it('lose nothing and keep the order of streams when one joins in the middle of work and one leaves', async () => {
    const effects = new Effects();
    const first = await member();
    const places = new Places();
    const events = [...(await published(first, places))];
    const gate = Promise.withResolvers<undefined>();
    const inTheMiddle = Promise.withResolvers<undefined>();
    const middle = events[100]?.id;
    const one = await first.consume('group', ['repository'], async (event) => {
      if (event.id === middle) {
        inTheMiddle.resolve(undefined);
        await gate.promise;
      }
      await effects.handle(event);
    });
    await inTheMiddle.promise;
    const second = await member();
    let secondGot = 0;
    await second.consume('group', ['repository'], (event) => {
      secondGot++;
      return effects.handle(event);
    });
    await untilGroup('group', 'PreparingRebalance');
    gate.resolve(undefined);
    while (secondGot === 0) {
      events.push(...(await published(first, places)));
      await effects.reach(events.length);
    }
    events.push(...(await published(first, places)));
    await one.stop();
    await effects.reach(events.length);
    expectAll(effects, events.length / streams.length);
  });

  it('have an effect once where a member was left behind in the middle of an event, which came again elsewhere', async () => {
    const effects = new Effects();
    const options = { sessionMilliseconds: 6_000, rebalanceMilliseconds: 2_000 };
    const first = await member(options);
    const events = await published(first);
    const middle = events[100];
    const gate = Promise.withResolvers<undefined>();
    const inTheMiddle = Promise.withResolvers<undefined>();
    let late = Promise.resolve();
    const one = await first.consume('group', ['repository'], async (event) => {
      if (event.id === middle?.id) {
        inTheMiddle.resolve(undefined);
        await gate.promise;
        late = effects.handle(event);
        await late;
        return;
      }
      await effects.handle(event);
    });
    await inTheMiddle.promise;
    const second = await member(options);
    await second.consume('group', ['repository'], effects.handle);
    await effects.reach(events.length);
    expect(effects.has(middle?.id ?? '')).toBe(true);
    expectAll(effects);
    gate.resolve(undefined);
    const more = new Places().record(streamOf('repository'), sampleEvents(20));
    await first.publish(more);
    await effects.reach(events.length + 20);
    await one.stop();
    expectAll(effects);
  });

  (own ? it : it.skip)(
    'go on by themselves when the broker dies and comes again, and so does what publishes',
    async () => {
      if (!own) return;
      const bus = await member();
      const effects = new Effects();
      await bus.consume('group', ['repository'], effects.handle);
      const places = new Places();
      const stream = streamOf('repository');
      const refusals: unknown[] = [];
      /** As the relay does it: the same events, until the bus has them. */
      const publish = async (events: readonly RecordedEvent[]): Promise<void> => {
        for (;;) {
          try {
            await bus.publish(events);
            return;
          } catch (error) {
            refusals.push(error);
          }
        }
      };
      const batches = Array.from({ length: 60 }, () => places.record(stream, sampleEvents(5)));
      const half = Promise.withResolvers<undefined>();
      const publishing = (async (): Promise<void> => {
        for (const [index, batch] of batches.entries()) {
          await publish(batch);
          if (index === 20) half.resolve(undefined);
        }
      })();
      await half.promise;
      await own.end();
      // Long enough for the client to give up: it is away for good, as far as it knows.
      await expect(bus.check()).rejects.toThrow(StoreUnavailable);
      const started = Date.now();
      await own.again();
      const up = Date.now();
      await publishing;
      await effects.reach(300);
      const [start, recovery] = [up - started, Date.now() - up].map((milliseconds) => (milliseconds / 1000).toFixed(1));
      process.stderr.write(
        `the broker took ${start} s to start, publishing and consuming went on ${recovery} s later\n`,
      );
      expect(effects.of(stream)).toEqual(ascending(300));
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(StoreUnavailable);
    },
  );

  (wire ? it : it.skip)('get an event once whose acknowledgement got lost, within one session', async () => {
    if (!wire) return;
    const bus = await openBus([wire.host], prefix, { partitions: 1 });
    const [first, second, third] = new Places().record(streamOf('repository'), sampleEvents(3));
    await bus.publish(first ? [first] : []);
    await wire.silence(['down']);
    const publishing = bus.publish(second ? [second] : []);
    // It has arrived, and nobody hears of it.
    const admin = plainClient(brokers).admin();
    await admin.connect();
    while ((await admin.fetchTopicOffsets(`${prefix}.repository`))[0]?.high !== '2');
    await admin.disconnect();
    await wire.heal();
    await publishing;
    await bus.publish(third ? [third] : []);
    await bus.close();
    const ids = (await contentOf(brokers, `${prefix}.repository`)).map((message) => header(message, 'ce_id'));
    expect(ids).toEqual([first?.id, second?.id, third?.id]);
  });

  (wire ? it : it.skip)('lose nothing when the line is cut while a batch is on its way', async () => {
    if (!wire) return;
    const bus = await openBus([wire.host], prefix, { partitions: 1 });
    const stream = streamOf('repository');
    const events = new Places().record(stream, sampleEvents(400));
    await bus.publish(events.slice(0, 1));
    await wire.breakAfter(20_000, ['up']);
    const broken = bus.publish(events);
    await expect(broken).rejects.toThrow(StoreUnavailable);
    await wire.heal();
    await bus.publish(events);
    await bus.close();
    const ids = (await contentOf(brokers, `${prefix}.repository`)).map((message) => header(message, 'ce_id'));
    expect([...new Set(ids)]).toEqual(idsOf(events));
  });

  (wire ? it : it.skip)('go on by themselves behind a line on which nothing passed for a while', async () => {
    if (!wire) return;
    const direct = await member();
    const places = new Places();
    const bus = await openBus([wire.host], prefix, { partitions: 6 });
    const effects = new Effects();
    await bus.consume('group', ['repository'], effects.handle);
    await published(direct, places);
    await effects.reach(EACH * streams.length);
    await wire.silence();
    // The group has given the member up.
    await untilGroup('group', 'Empty');
    await published(direct, places);
    await wire.heal();
    await effects.reach(2 * EACH * streams.length);
    expectAll(effects, 2 * EACH);
    await bus.close();
  });
});
