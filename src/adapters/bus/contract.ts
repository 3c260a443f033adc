import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope, RecordedEvent } from '../../domain/shared/envelope.js';
import type { EventId, StreamName } from '../../domain/shared/ids.js';
import { PermanentFailure, type Consumption, type EventBus, type EventHandler } from '../../ports/eventBus.js';
import { StoreUnavailable } from '../../ports/errors.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { idsOf, sampleEvents } from '../eventstore/sampleEvents.js';
import type { Patience } from '../../concurrency/patience.js';

/** What a bus under test is opened with. */
export const TEST_PATIENCE: Patience = { attempts: 3, firstPause: 5, longestPause: 20 };

/** A bus, and how events come to it: all at once, those of one stream in order. */
export type BusUnderTest = EventBus & {
  arrive(stream: StreamName, events: readonly EventEnvelope[]): Promise<void>;
  /** Of a group: ids of the events that it gave up, and why. */
  deadLetters(
    group: string,
  ): Promise<readonly { readonly id: string; readonly reason: string; readonly attempts: number }[]>;
};

const newGroup = (): string => `group-${randomUUID()}`;
export const streamOf = (category: string): StreamName => `${category}-${randomUUID()}` as StreamName;

/** Remembers what it was given, and can be waited for. */
export class Listener {
  readonly events: RecordedEvent[] = [];
  #waiting: (() => void)[] = [];

  /** @param react what handling does, beside remembering */
  constructor(private readonly react: EventHandler = () => Promise.resolve()) {}

  readonly handle: EventHandler = async (event) => {
    this.events.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
    await this.react(event);
  };

  /** Resolves when it has been given so many. */
  async given(count: number): Promise<readonly RecordedEvent[]> {
    while (this.events.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.events;
  }
}

/** What every bus promises. */
export function eventBusContract(open: () => Promise<Opened<BusUnderTest>>): void {
  const { store: bus, reopen } = storePerTest(open);

  /** The group gets one more event and has handled it, so that all that came before is done with, too. */
  const settled = async (stream: StreamName, listener: Listener): Promise<void> => {
    const [last] = sampleEvents(1);
    if (!last) throw new Error('there is an event');
    await bus().arrive(stream, [last]);
    while (listener.events.at(-1)?.id !== last.id) await listener.given(listener.events.length + 1);
  };

  it('gives a new group all events of its topics from the first one on, and then those to come', async () => {
    const [one, other, foreign] = [streamOf('repository'), streamOf('repository'), streamOf('namespace')];
    const [early, late] = [sampleEvents(20), sampleEvents(5)];
    const elsewhere = sampleEvents(3);
    await bus().arrive(one, early);
    await bus().arrive(foreign, elsewhere);
    const listener = new Listener();
    await bus().consume(newGroup(), ['repository'], listener.handle);
    await listener.given(20);
    await bus().arrive(other, late);
    const events = await listener.given(25);
    expect(events).toHaveLength(25);
    expect(idsOf(events.filter(({ stream }) => stream === one))).toEqual(idsOf(early));
    expect(idsOf(events.filter(({ stream }) => stream === other))).toEqual(idsOf(late));
  });

  it('gives events as they were recorded', async () => {
    const stream = streamOf('repository');
    const [event] = sampleEvents(1);
    await bus().arrive(stream, event ? [event] : []);
    const listener = new Listener();
    await bus().consume(newGroup(), ['repository'], listener.handle);
    const [given] = await listener.given(1);
    expect(given).toEqual({ ...event, stream, revision: 0, position: expect.stringMatching(/^\d{20}$/) });
  });

  it('gives every group everything, and a group several topics', async () => {
    const [one, other] = [streamOf('repository'), streamOf('namespace')];
    const [first, second] = [new Listener(), new Listener()];
    await bus().consume(newGroup(), ['repository', 'namespace'], first.handle);
    await bus().consume(newGroup(), ['namespace', 'repository'], second.handle);
    await bus().arrive(one, sampleEvents(3));
    await bus().arrive(other, sampleEvents(3));
    for (const listener of [first, second]) {
      const streams = (await listener.given(6)).map(({ stream }) => stream).toSorted();
      expect(streams).toEqual([one, one, one, other, other, other].toSorted());
    }
  });

  it('goes on after a restart behind what was done', async () => {
    const [stream, group] = [streamOf('repository'), newGroup()];
    await bus().arrive(stream, sampleEvents(4));
    const before = new Listener();
    const consumption = await bus().consume(group, ['repository'], before.handle);
    await before.given(4);
    await consumption.stop();
    const restarted = await reopen();
    const [next] = sampleEvents(1);
    await restarted.arrive(stream, next ? [next] : []);
    const after = new Listener();
    await restarted.consume(group, ['repository'], after.handle);
    expect(idsOf(await after.given(1))).toEqual([next?.id]);
  });

  it('gives an event again whose handling failed, before those behind it', async () => {
    const stream = streamOf('repository');
    const events = sampleEvents(3);
    const [, second] = events;
    let failures = 0;
    const listener = new Listener(({ id }) =>
      id === second?.id && failures++ < 2 ? Promise.reject(new Error('not now')) : Promise.resolve(),
    );
    const group = newGroup();
    await bus().consume(group, ['repository'], listener.handle);
    await bus().arrive(stream, events);
    const expected = [0, 1, 1, 1, 2].map((index) => events[index]?.id);
    expect(idsOf(await listener.given(5))).toEqual(expected);
    expect(await bus().deadLetters(group)).toEqual([]);
  });

  it('goes on behind an event that always fails, and keeps it with the reason', async () => {
    const stream = streamOf('repository');
    const [bad, good] = sampleEvents(2);
    const group = newGroup();
    const listener = new Listener(({ id }) =>
      id === bad?.id ? Promise.reject(new Error('broken')) : Promise.resolve(),
    );
    await bus().consume(group, ['repository'], listener.handle);
    await bus().arrive(stream, bad && good ? [bad, good] : []);
    expect(idsOf(await listener.given(4))).toEqual([bad?.id, bad?.id, bad?.id, good?.id]);
    expect(await bus().deadLetters(group)).toEqual([{ id: bad?.id, reason: 'Error: broken', attempts: 3 }]);
  });

  it('tries only once what can never succeed', async () => {
    const stream = streamOf('repository');
    const [bad, good] = sampleEvents(2);
    const group = newGroup();
    const hopeless = (id: EventId): boolean => id === bad?.id;
    const listener = new Listener(({ id }) =>
      hopeless(id) ? Promise.reject(new PermanentFailure('no such thing')) : Promise.resolve(),
    );
    await bus().consume(group, ['repository'], listener.handle);
    await bus().arrive(stream, bad && good ? [bad, good] : []);
    expect(idsOf(await listener.given(2))).toEqual([bad?.id, good?.id]);
    const reason = 'PermanentFailure: no such thing';
    expect(await bus().deadLetters(group)).toEqual([{ id: bad?.id, reason, attempts: 1 }]);
  });

  it('waits without end for what is away', async () => {
    const stream = streamOf('repository');
    const group = newGroup();
    let left = 10;
    const listener = new Listener(() =>
      left-- > 0 ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve(),
    );
    await bus().consume(group, ['repository'], listener.handle);
    const [event] = sampleEvents(1);
    await bus().arrive(stream, event ? [event] : []);
    expect(idsOf(await listener.given(11))).toEqual(Array.from({ length: 11 }, () => event?.id));
    await settled(stream, listener);
    expect(await bus().deadLetters(group)).toEqual([]);
  });

  describe('that is stopped', () => {
    /** A group that is in the middle of the first of some events. */
    const inTheMiddle = async (group: string) => {
      const gate = Promise.withResolvers<undefined>();
      const listener = new Listener(() => gate.promise);
      const events = sampleEvents(3);
      await bus().arrive(streamOf('repository'), events);
      const consumption: Consumption = await bus().consume(group, ['repository'], listener.handle);
      await listener.given(1);
      return { events, listener, consumption, gate };
    };

    it('finishes and notes what is in hand, and takes no more', async () => {
      const group = newGroup();
      const { events, listener, consumption, gate } = await inTheMiddle(group);
      let isStopped = false;
      const stopping = consumption.stop().then(() => {
        isStopped = true;
      });
      await new Promise(setImmediate);
      expect(isStopped).toBe(false);
      gate.resolve(undefined);
      await stopping;
      expect(listener.events).toHaveLength(1);
      const next = new Listener();
      await bus().consume(group, ['repository'], next.handle);
      expect(idsOf(await next.given(2))).toEqual(idsOf(events.slice(1)));
    });

    it('does not note an event that failed, and does not try it again', async () => {
      const group = newGroup();
      const { events, listener, consumption, gate } = await inTheMiddle(group);
      const stopping = consumption.stop();
      gate.reject(new Error('not now'));
      await stopping;
      expect(listener.events).toHaveLength(1);
      const next = new Listener();
      await bus().consume(group, ['repository'], next.handle);
      expect(idsOf(await next.given(3))).toEqual(idsOf(events));
    });
  });
}
