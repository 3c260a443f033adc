import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { overriding } from '../../test/support/overriding.js';
import { digestNumber } from '../../test/support/repositoryEvents.js';
import { TestClock, World } from '../../test/support/world.js';
import type { ActivityEvents, PullTarget } from '../domain/activity/events.js';
import { OCI_MANIFEST } from '../domain/manifest/mediaTypes.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { eventHash } from '../domain/shared/hash.js';
import type { Position, RepositoryId } from '../domain/shared/ids.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { EventsTooLarge, StoreUnavailable } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import type { Puller } from './pullBatch.js';
import { PullRecorder } from './pulls.js';

const REPOSITORY = '01890a5d-ac98-71f0-8b0e-6f1d0a3e9c22' as RepositoryId;

const target = (reference: string): PullTarget => ({
  repositoryId: REPOSITORY,
  reference,
  digest: digestNumber(1),
  mediaType: OCI_MANIFEST,
});

const ada: Puller = {
  actor: { kind: 'user', id: 'ada' },
  credential: { kind: 'password', id: 'ada' },
  ip: '192.0.2.7',
  userAgent: 'podman/5.0',
};
const anonymous: Puller = {
  actor: { kind: 'anonymous', id: null },
  credential: null,
  ip: '192.0.2.8',
  userAgent: null,
};

describe('the recorder of pulls', () => {
  let world: World;
  let clock: TestClock;
  let before: Position;
  let failures: unknown[];

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    clock = new TestClock();
    before = await world.stores.events.end();
    failures = [];
  });

  const recorder = (events: EventStore = world.stores.events, strict = false): PullRecorder => {
    const { ids, sealing } = world;
    return new PullRecorder({ events, sealing, clock, ids, strict, failed: (error) => failures.push(error) });
  };
  const log = (): Promise<RecordedEvent[]> => world.log(before);
  const recorded = async () => (await log()).map(({ data }) => data as ActivityEvents['ImagesPulled']);
  /** Each pull as who, what and when. */
  const told = async (): Promise<string[]> =>
    (await recorded()).flatMap(({ clients, targets, pulls, first }) =>
      Array.from({ length: pulls.length / 3 }, (_, row) => {
        const [client = -1, named = -1, offset = -1] = pulls.slice(3 * row, 3 * row + 3);
        const at = new Date(Date.parse(first) + offset).toISOString().slice(11, 23);
        return `${clients[client]?.actor.id ?? 'anonymous'} ${targets[named]?.reference ?? ''} ${at}`;
      }),
    );
  /** A store that fails when it is told to, before or after it has appended. */
  const failing = (fails: () => 'before' | 'after' | false): EventStore => {
    const { events } = world.stores;
    return overriding(events, {
      append: async (...call) => {
        const when = fails();
        if (when === 'before') throw new StoreUnavailable('nothing was appended');
        const appended = await events.append(...call);
        if (when === 'after') throw new StoreUnavailable('the answer was lost');
        return appended;
      },
    });
  };

  it('writes all pulls of a namespace in one event, each client and target once', async () => {
    const pulls = recorder();
    void pulls.record('namespace-1', ada, target('latest'));
    clock.pass(0.5);
    void pulls.record('namespace-1', anonymous, target('latest'));
    void pulls.record('namespace-1', { ...ada }, target('v1'));
    void pulls.record('namespace-1', ada, target('latest'));
    await pulls.flush();

    const [event, ...more] = await recorded();
    expect(more).toEqual([]);
    expect(event?.clients.length).toBe(2);
    expect(event?.targets).toEqual([target('latest'), target('v1')]);
    expect(await told()).toEqual([
      'ada latest 18:59:13.000',
      'anonymous latest 18:59:13.500',
      'ada v1 18:59:13.500',
      'ada latest 18:59:13.500',
    ]);
  });

  it('writes to a stream of the namespace, the month and the process', async () => {
    const [one, other] = [recorder(), recorder()];
    for (const pulls of [one, other]) {
      void pulls.record('1', ada, target('latest'));
      void pulls.record('2', ada, target('latest'));
      await pulls.flush();
    }
    clock.pass(30 * 86_400);
    void one.record('1', ada, target('latest'));
    await one.flush();
    const streams = (await log()).map(({ stream }) => stream.replace(/-[0-9a-f]{8}-.*/, ''));
    expect(streams).toEqual([
      'activity-1-202606',
      'activity-2-202606',
      'activity-1-202606',
      'activity-2-202606',
      'activity-1-202607',
    ]);
    expect(new Set((await log()).map(({ stream }) => stream)).size).toBe(5);
  });

  it('links its events, and its time never runs backwards', async () => {
    const pulls = recorder();
    for (const seconds of [0, 10, -60]) {
      clock.pass(seconds);
      void pulls.record('1', ada, target('latest'));
      await pulls.flush();
    }
    const events = await log();
    expect(events.map(({ metadata }) => metadata.prevHash)).toEqual([
      null,
      ...events.slice(0, -1).map(({ metadata }) => metadata.hash),
    ]);
    expect(events.map((event) => eventHash(event.stream, event.revision, event))).toEqual(
      events.map(({ metadata }) => metadata.hash),
    );
    const times = events.map(({ metadata }) => metadata.at);
    expect(times).toEqual([...times].sort());
  });

  it('seals who pulled from where, bound to the row', async () => {
    const pulls = recorder();
    void pulls.record('1', ada, target('latest'));
    void pulls.record('1', anonymous, target('latest'));
    await pulls.flush();
    const [event] = await log();
    const [data] = await recorded();
    const open = (sealed: Sealed | null | undefined, field: string): Promise<string | null> => {
      if (!event || !sealed) throw new Error('nothing was sealed');
      return world.sealing.open(sealed, `${event.id}/${field}`);
    };
    expect(await open(data?.clients[0]?.ip, 'clients/0/ip')).toBe('192.0.2.7');
    expect(await open(data?.clients[0]?.userAgent, 'clients/0/userAgent')).toBe('podman/5.0');
    expect(await open(data?.clients[1]?.ip, 'clients/1/ip')).toBe('192.0.2.8');
    expect(data?.clients.map(({ ip }) => ip?.subject)).toEqual(['account:ada', 'activity:202606']);
    expect(data?.clients[1]?.userAgent).toBeNull();
    await expect(open(data?.clients[0]?.ip, 'clients/1/ip')).rejects.toThrow();
  });

  it('goes on when the key of somebody who pulled was destroyed meanwhile', async () => {
    const pulls = recorder();
    await world.stores.keys.ensure('account:bob');
    await world.stores.keys.destroy('account:bob');
    void pulls.record('1', { ...ada, actor: { kind: 'user', id: 'bob' } }, target('latest'));
    void pulls.record('1', anonymous, target('latest'));
    await pulls.flush();
    expect(await told()).toEqual(['bob latest 18:59:13.000', 'anonymous latest 18:59:13.000']);
    expect((await recorded())[0]?.clients[0]).toMatchObject({ ip: null, userAgent: null });
  });

  it('keeps each event small, whatever clients call themselves and however much they pull', async () => {
    const pulls = recorder();
    for (let number = 0; number < 300; number++) {
      const userAgent = `${number} ${'ü'.repeat(16_000)}`;
      void pulls.record('1', { ...ada, userAgent }, target(`tag-${number}`.padEnd(128, 'x')));
    }
    for (let number = 0; number < 12_000; number++) void pulls.record('1', ada, target('latest'));
    await pulls.flush();
    expect((await told()).length).toBe(12_300);
    const sizes = (await log()).map(({ data, metadata }) => Buffer.byteLength(JSON.stringify([data, metadata])));
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    expect(failures).toEqual([]);
  });

  it('keeps each event small, whatever addresses clients have', async () => {
    const pulls = recorder();
    for (let number = 0; number < 300; number++) {
      void pulls.record('1', { ...ada, ip: `${number} ${'ü'.repeat(1_000)}` }, target('latest'));
    }
    await pulls.flush();
    expect((await told()).length).toBe(300);
    const sizes = (await log()).map(({ data, metadata }) => Buffer.byteLength(JSON.stringify([data, metadata])));
    expect(Math.max(...sizes)).toBeLessThan(60_000);
  });

  it('halves what the store finds too large, and gives up only what cannot be halved', async () => {
    const { events } = world.stores;
    const pulls = recorder(
      overriding(events, {
        append: (stream, appended, expected) => {
          const { targets } = appended[0]?.data as ActivityEvents['ImagesPulled'];
          const tooLarge = targets.length > 2 || targets.some(({ reference }) => reference === 'huge');
          return tooLarge ? Promise.reject(new EventsTooLarge(70_000)) : events.append(stream, appended, expected);
        },
      }),
    );
    for (const reference of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      void pulls.record('1', ada, target(reference));
      clock.pass(0.01);
    }
    await pulls.flush();
    const [all, written] = [await told(), await log()];
    expect(all.map((pull) => pull.split(' ')[1])).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(all.at(-1)).toBe('ada g 18:59:13.060');
    expect(written.slice(1).map(({ metadata }) => metadata.prevHash)).toEqual(
      written.slice(0, -1).map(({ metadata }) => metadata.hash),
    );

    void pulls.record('1', ada, target('huge'));
    await expect(pulls.flush()).rejects.toThrow(EventsTooLarge);
    await pulls.flush();
    expect((await told()).length).toBe(7);
  });

  it('writes nothing when nobody pulled', async () => {
    await recorder().flush();
    expect(await log()).toEqual([]);
  });

  it('flushes by itself, soon', async () => {
    let flushed: () => void;
    const done = new Promise<void>((resolve) => (flushed = resolve));
    const { events } = world.stores;
    const pulls = recorder(
      overriding(events, {
        append: async (...call) => {
          const appended = await events.append(...call);
          flushed();
          return appended;
        },
      }),
    );
    expect(pulls.record('1', ada, target('latest'))).toBeUndefined();
    await done;
    expect(await told()).toEqual(['ada latest 18:59:13.000']);
  });

  it('answers only when the record is durable, where that is asked for', async () => {
    await recorder(world.stores.events, true).record('1', ada, target('latest'));
    expect(await told()).toEqual(['ada latest 18:59:13.000']);
  });

  it('writes what came while it was writing', async () => {
    const pulls = recorder();
    void pulls.record('1', ada, target('one'));
    const first = pulls.flush();
    void pulls.record('1', ada, target('two'));
    await Promise.all([first, pulls.flush()]);
    expect((await told()).map((pull) => pull.split(' ')[1])).toEqual(['one', 'two']);
  });

  it.each(['before', 'after'] as const)(
    'loses and repeats nothing when the store goes away %s the append',
    async (when) => {
      let away = true;
      const pulls = recorder(failing(() => (away ? when : false)));
      void pulls.record('1', ada, target('one'));
      void pulls.record('2', ada, target('two'));
      await expect(pulls.flush()).rejects.toThrow(StoreUnavailable);
      void pulls.record('1', ada, target('three'));
      await expect(pulls.flush()).rejects.toThrow(StoreUnavailable);
      away = false;
      void pulls.record('1', ada, target('four'));
      await pulls.flush();
      expect((await told()).map((pull) => pull.split(' ')[1]).sort()).toEqual(['four', 'one', 'three', 'two']);
    },
  );

  it('tries again by itself when the store was away', async () => {
    let [calls, done] = [0, (): void => undefined];
    const appended = new Promise<void>((resolve) => (done = resolve));
    const { events } = world.stores;
    const pulls = recorder(
      overriding(events, {
        append: async (...call) => {
          if (++calls <= 2) throw new StoreUnavailable('away');
          const answer = await events.append(...call);
          done();
          return answer;
        },
      }),
    );
    void pulls.record('1', ada, target('latest'));
    await appended;
    expect(await told()).toEqual(['ada latest 18:59:13.000']);
  });

  it('does not let one namespace keep another from being recorded', async () => {
    const { events } = world.stores;
    const pulls = recorder(
      overriding(events, {
        append: (stream, ...rest) =>
          stream.startsWith('activity-1-') ? Promise.reject(new Error('broken')) : events.append(stream, ...rest),
      }),
    );
    void pulls.record('1', ada, target('one'));
    void pulls.record('2', ada, target('two'));
    await expect(pulls.flush()).rejects.toThrow('broken');
    expect((await told()).map((pull) => pull.split(' ')[1])).toEqual(['two']);
  });

  it('keeps no more than so much while the store stays away, and tells of what it drops', async () => {
    let away = true;
    const pulls = recorder(failing(() => (away ? 'before' : false)));
    for (let round = 0; round < 60; round++) {
      for (let number = 0; number < 1_000; number++) void pulls.record('1', ada, target(`${round}-${number}`));
      await pulls.flush().catch(() => undefined);
    }
    away = false;
    await pulls.flush();
    expect((await told()).length).toBeLessThan(60_000);
    expect((await told()).at(-1)).toContain('59-999');
    expect(failures.length).toBeGreaterThan(0);
  });
});
