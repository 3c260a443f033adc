import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE, repositoryCreated, stateChanged } from '../../test/support/repositoryEvents.js';
import { overriding } from '../../test/support/overriding.js';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import { NameTaken, decideClaim, nameAggregate } from '../domain/names/name.js';
import { RepositoryExists } from '../domain/repository/errors.js';
import type { RepositoryEvent } from '../domain/repository/events.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideCreateRepository, decideGrant, decideSetVisibility } from '../domain/repository/settings.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { eventHash } from '../domain/shared/hash.js';
import type { Position } from '../domain/shared/ids.js';
import { RevisionConflict, StoreUnavailable } from '../ports/errors.js';
import type { Outcome, Streams } from './streams.js';

const create = { namespaceId: NAMESPACE, name: 'app', visibility: 'private', description: '', creator: null } as const;

describe('streams', () => {
  let world: World;
  let [stream, name] = [streamName(''), streamName('')];
  let before: Position;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    tests++;
    [stream, name] = [streamName(`repository-${tests}`), streamName(`name-namespace-${tests}`)];
    before = await world.stores.events.end();
  });

  const created = async (streams: Streams): Promise<void> => {
    await streams.decide(repositoryAggregate, stream, context(), (state) => decideCreateRepository(create, state));
  };
  const grant = async (streams: Streams, id: string): Promise<void> => {
    const grantee = { kind: 'user', id } as const;
    await streams.decide(repositoryAggregate, stream, context(), (state) => decideGrant(grantee, 'read', state));
  };
  const log = (): Promise<RecordedEvent[]> => world.log(before);
  const typesInLog = async (): Promise<string[]> => (await log()).map(({ type }) => type);

  describe('of two processes on one store', () => {
    it('take every decision that can be taken, each once', async () => {
      const [one, other] = [world.streams(), world.streams()];
      await created(one);
      await Promise.all(
        Array.from({ length: 20 }, (_, number) => grant(number % 2 === 0 ? one : other, `user-${number}`)),
      );
      const events = await log();
      expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
      const granted = events.flatMap(({ data }) => (data['grantee'] === undefined ? [] : [data['grantee']]));
      expect(new Set(granted).size).toBe(20);
    });

    it('answer when the read models show what the answer rests on: nothing to do, or a refusal', async () => {
      await created(world.streams());
      const awaited: (readonly [Position, Outcome])[] = [];
      const other = world.streams({
        appended: (...call) => {
          awaited.push(call);
          return Promise.resolve();
        },
      });
      const end = await world.stores.events.end();
      await other.decide(repositoryAggregate, stream, context(), () => []);
      expect(awaited).toEqual([[end, 'unchanged']]);
      await expect(created(other)).rejects.toThrow(RepositoryExists);
      expect(awaited.splice(0)).toEqual([
        [end, 'unchanged'],
        [end, 'unchanged'],
      ]);
      await grant(other, 'ada');
      expect(awaited).toEqual([[await world.stores.events.end(), 'written']]);
    });

    it('decide by what the other one appended, though they have a fold of their own', async () => {
      const [one, other] = [world.streams(), world.streams()];
      await created(one);
      await other.load(repositoryAggregate, stream);
      await one.decide(repositoryAggregate, stream, context(), (state) => decideSetVisibility('public', state));

      const again = await other.decide(repositoryAggregate, stream, context(), (state) =>
        decideSetVisibility('public', state),
      );
      expect(again.position).toBeNull();
      await expect(created(other)).rejects.toThrow(RepositoryExists);
      expect(await typesInLog()).toEqual(['RepositoryCreated', 'VisibilityChanged']);
    });

    it('refuse by what the other one appended while they were deciding', async () => {
      const one = world.streams();
      const claim = (streams: Streams, claimant: string) =>
        streams.decide(nameAggregate, name, context(), (state) =>
          decideClaim({ name: 'org', claimant: streamName(claimant), void: null }, state),
        );
      const { events } = world.stores;
      let overtaken = false;
      const slow = world.streams({
        events: overriding(events, {
          append: async (...call) => {
            if (!overtaken) await claim(one, 'namespace-1');
            overtaken = true;
            return events.append(...call);
          },
        }),
      });
      await expect(claim(slow, 'namespace-2')).rejects.toThrow(NameTaken);
      expect(await typesInLog()).toEqual(['NameClaimed']);
    });

    it('give up when they are overtaken again and again', async () => {
      const conflicting = world.streams({
        events: overriding(world.stores.events, {
          append: (to, _events, expected) => Promise.reject(new RevisionConflict(to, expected)),
        }),
      });
      await expect(created(conflicting)).rejects.toThrow(RevisionConflict);
    });
  });

  describe('link their events', () => {
    it('to the one before, across processes and restarts', async () => {
      await created(world.streams());
      await grant(world.streams(), 'ada');
      await world.restart();
      await grant(world.streams(), 'bob');

      const events = await log();
      expect(events.map(({ metadata }) => metadata.prevHash)).toEqual([
        null,
        ...events.slice(0, -1).map(({ metadata }) => metadata.hash),
      ]);
      expect(events.map((event) => eventHash(event.stream, event.revision, event))).toEqual(
        events.map(({ metadata }) => metadata.hash),
      );
    });

    it('within one append', async () => {
      const creator = { kind: 'user', id: 'ada' } as const;
      await world
        .streams()
        .decide(repositoryAggregate, stream, context(), (state) =>
          decideCreateRepository({ ...create, creator }, state),
        );
      const [first, second] = await log();
      expect(second?.metadata.prevHash).toBe(first?.metadata.hash);
    });
  });

  describe('tell when something happened', () => {
    it('by a time that never runs backwards, though the clock does', async () => {
      const streams = world.streams();
      await created(streams);
      world.clock.pass(10);
      await grant(streams, 'ada');
      world.clock.pass(-60);
      await grant(streams, 'bob');
      await grant(world.streams(), 'eve');
      const times = (await log()).map(({ metadata }) => metadata.at);
      expect(times).toEqual([...times].sort());
      expect(new Set(times.slice(1)).size).toBe(1);
    });

    it('by the same time that the decision was taken for', async () => {
      const streams = world.streams();
      await created(streams);
      world.clock.pass(-60);
      const seen: string[] = [];
      await streams.decide(repositoryAggregate, stream, context(), (_, now): RepositoryEvent[] => {
        seen.push(now);
        return [stateChanged('READ_ONLY')];
      });
      expect(seen).toEqual([(await log()).at(-1)?.metadata.at]);
    });
  });

  describe('keep a fold', () => {
    it('that is the same as one made anew', async () => {
      const streams = world.streams();
      await created(streams);
      for (let number = 0; number < 5; number++) await grant(streams, `user-${number}`);
      expect(await streams.load(repositoryAggregate, stream)).toEqual(
        await world.streams().load(repositoryAggregate, stream),
      );
    });

    it('that a refused decision does not touch', async () => {
      const streams = world.streams();
      await created(streams);
      await expect(created(streams)).rejects.toThrow(RepositoryExists);
      await grant(streams, 'ada');
      expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted']);
    });
  });

  describe('let the read models', () => {
    it('refuse a decision before it is taken', async () => {
      const streams = world.streams({
        admit: () => {
          throw new StoreUnavailable('the read models trail');
        },
      });
      await expect(created(streams)).rejects.toThrow(StoreUnavailable);
      expect(await typesInLog()).toEqual([]);
    });

    it('catch up before a command answers, also if it changed nothing', async () => {
      const shown: Position[] = [];
      const streams = world.streams({
        appended: (position) => {
          shown.push(position);
          return Promise.resolve();
        },
      });
      await created(streams);
      await streams.decide(repositoryAggregate, stream, context(), (state) => decideSetVisibility('private', state));
      const last = (await log()).at(-1)?.position;
      expect(shown).toEqual([last, last]);
    });
  });

  describe('seal who asked from where', () => {
    it('with the key of his account, bound to the event', async () => {
      await created(world.streams());
      const [event] = await log();
      const { ip, userAgent } = event?.metadata ?? {};
      if (!event || !ip || !userAgent) throw new Error('nothing was sealed');
      expect(ip.subject).toBe('account:ada');
      expect(await world.sealing.open(ip, `${event.id}/ip`)).toBe('192.0.2.7');
      expect(await world.sealing.open(userAgent, `${event.id}/userAgent`)).toBe('test/1.0');
      await expect(world.sealing.open(ip, `${event.id}/userAgent`)).rejects.toThrow();
      expect(JSON.stringify(event)).not.toContain('192.0.2.7');
    });

    it('with the key of the month where no account is known, and reads as erased without that key', async () => {
      const anonymous = context({ actor: { kind: 'anonymous', id: null }, credential: null });
      await world.streams().decide(repositoryAggregate, stream, anonymous, () => [repositoryCreated()]);
      const [event] = await log();
      const ip = event?.metadata.ip;
      if (!event || !ip) throw new Error('nothing was sealed');
      expect(ip.subject).toBe('activity:202606');
      await world.stores.keys.destroy('activity:202606');
      expect(await world.sealing.open(ip, `${event.id}/ip`)).toBeNull();
      expect(eventHash(event.stream, event.revision, event)).toBe(event.metadata.hash);
    });

    it('cut to what an event can hold', async () => {
      const streams = world.streams();
      await streams.decide(repositoryAggregate, stream, context({ userAgent: 'ü'.repeat(16_000) }), () => [
        repositoryCreated(),
      ]);
      const [event] = await log();
      const userAgent = event?.metadata.userAgent;
      if (!event || !userAgent) throw new Error('nothing was sealed');
      expect(await world.sealing.open(userAgent, `${event.id}/userAgent`)).toBe('ü'.repeat(512));
    });

    it('no more once the key of his account was destroyed', async () => {
      await world.stores.keys.ensure('account:bob');
      await world.stores.keys.destroy('account:bob');
      const bob = context({ actor: { kind: 'user', id: 'bob' } });
      await world.streams().decide(repositoryAggregate, stream, bob, () => [repositoryCreated()]);
      expect((await log())[0]?.metadata).toMatchObject({ ip: null, userAgent: null });
    });

    it('not at all where nothing is known of him', async () => {
      await world
        .streams()
        .decide(repositoryAggregate, stream, context({ ip: null, userAgent: null }), () => [repositoryCreated()]);
      expect((await log())[0]?.metadata).toMatchObject({ ip: null, userAgent: null });
    });
  });
});
