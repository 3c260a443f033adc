import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE } from '../../test/support/repositoryEvents.js';
import { overriding } from '../../test/support/overriding.js';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import { RepositoryExists } from '../domain/repository/errors.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideCreateRepository, decideGrant } from '../domain/repository/settings.js';
import type { Position } from '../domain/shared/ids.js';
import { RevisionConflict, StoreUnavailable } from '../ports/errors.js';
import type { Outcome, Streams, StreamsOptions } from './streams.js';
import { Submitted } from './submitted.js';

const create = { namespaceId: NAMESPACE, name: 'app', visibility: 'private', description: '', creator: null } as const;

describe('streams of a store whose answer is lost', () => {
  let world: World;
  let stream = streamName('');
  let before: Position;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    stream = streamName(`repository-${++tests}`);
    before = await world.stores.events.end();
  });

  const created = async (streams: Streams): Promise<void> => {
    await streams.decide(repositoryAggregate, stream, context(), (state) => decideCreateRepository(create, state));
  };
  const grant = async (streams: Streams, id: string): Promise<void> => {
    const grantee = { kind: 'user', id } as const;
    await streams.decide(repositoryAggregate, stream, context(), (state) => decideGrant(grantee, 'read', state));
  };
  const typesInLog = async (): Promise<string[]> => (await world.log(before)).map(({ type }) => type);
  /** Appends, and then says that it does not know. */
  const losing = (answers: number, options: Partial<StreamsOptions> = {}): Streams => {
    const { events } = world.stores;
    let lost = 0;
    return world.streams({
      ...options,
      events: overriding(events, {
        append: async (...call) => {
          const appended = await events.append(...call);
          if (lost++ < answers) throw new StoreUnavailable('the answer was lost');
          return appended;
        },
      }),
    });
  };

  it('append nothing behind what failed, neither at first nor when it is known', async () => {
    const failed = new StoreUnavailable('the disk is full');
    const decide = (streams: Streams, after: Submitted) =>
      streams.decide(repositoryAggregate, stream, context(), (state) => decideCreateRepository(create, state), after);
    const known = new Submitted(Promise.reject(failed));
    await known.durable.catch(() => undefined);
    await expect(decide(world.streams(), known)).rejects.toThrow(failed);

    const { events } = world.stores;
    const storing = Promise.withResolvers<undefined>();
    const together = world.streams({
      events: overriding(events, {
        append: () => {
          storing.reject(failed);
          return Promise.reject(new StoreUnavailable('it failed with what was before it'));
        },
      }),
    });
    await expect(decide(together, new Submitted(storing.promise.then()))).rejects.toThrow(failed);
    expect(await typesInLog()).toEqual([]);
  });

  it('append once', async () => {
    const streams = losing(1);
    await created(streams);
    await grant(streams, 'ada');
    expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted']);
  });

  it('append once, also when others append before the repetition', async () => {
    const { events } = world.stores;
    const other = world.streams();
    let lost = false;
    const streams = world.streams({
      events: overriding(events, {
        append: async (...call) => {
          const appended = await events.append(...call);
          if (lost) return appended;
          lost = true;
          await grant(other, 'bob');
          throw new StoreUnavailable('the answer was lost');
        },
      }),
    });
    await created(streams);
    await grant(streams, 'ada');
    expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted', 'PermissionGranted']);
  });

  it('read what became of it when the repetition is lost too', async () => {
    const shown: (readonly [Position, Outcome])[] = [];
    const streams = losing(2, {
      appended: (...call) => {
        shown.push(call);
        return Promise.resolve();
      },
    });
    const creator = { kind: 'user', id: 'ada' } as const;
    const { position } = await streams.decide(repositoryAggregate, stream, context(), (state) =>
      decideCreateRepository({ ...create, creator }, state),
    );
    expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted']);
    const end = await world.stores.events.end();
    expect([position, shown]).toEqual([end, [[end, 'written']]]);
    // Their fold is right, too.
    await grant(streams, 'bob');
    await expect(created(streams)).rejects.toThrow(RepositoryExists);
  });

  it('find their events also where the repetition is called a conflict, and others have appended since', async () => {
    const { events } = world.stores;
    const other = world.streams();
    let calls = 0;
    const streams = world.streams({
      events: overriding(events, {
        append: async (...call) => {
          if (++calls === 2) throw new RevisionConflict(call[0], call[2]);
          const appended = await events.append(...call);
          if (calls > 1) return appended;
          await grant(other, 'bob');
          throw new StoreUnavailable('the answer was lost');
        },
      }),
    });
    await created(streams);
    await grant(streams, 'ada');
    expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted', 'PermissionGranted']);
  });

  it('tell that they do not know when nothing can be read either, and go on by what is there', async () => {
    const { events } = world.stores;
    let away = false;
    const streams = world.streams({
      events: overriding(events, {
        append: async (...call) => {
          await events.append(...call);
          away = true;
          throw new StoreUnavailable('the answer was lost');
        },
        read: (...call) => {
          if (away) throw new StoreUnavailable('away');
          return events.read(...call);
        },
      }),
    });
    await expect(created(streams)).rejects.toThrow(StoreUnavailable);
    // Who asks again asks for something new.
    await expect(created(world.streams())).rejects.toThrow(RepositoryExists);
    expect(await typesInLog()).toEqual(['RepositoryCreated']);
  });

  it('tell that they do not know when their events are not there: they may come yet', async () => {
    const streams = world.streams({
      events: overriding(world.stores.events, { append: () => Promise.reject(new StoreUnavailable('no answer')) }),
    });
    await expect(created(streams)).rejects.toThrow('no answer');
    expect(await typesInLog()).toEqual([]);
  });

  it('decide anew when nothing was appended and somebody else was first', async () => {
    const { events } = world.stores;
    const other = world.streams();
    await created(other);
    let lost = false;
    const streams = world.streams({
      events: overriding(events, {
        append: async (...call) => {
          if (lost) return events.append(...call);
          lost = true;
          await grant(other, 'ada');
          throw new StoreUnavailable('nothing was appended');
        },
      }),
    });
    await grant(streams, 'ada');
    expect(await typesInLog()).toEqual(['RepositoryCreated', 'PermissionGranted']);
  });
});
