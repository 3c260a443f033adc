import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { overriding } from '../../test/support/overriding.js';
import { documentsOf } from '../../test/support/documents.js';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import type { NameEvents } from '../domain/names/events.js';
import { nameAggregate } from '../domain/names/name.js';
import type { Position } from '../domain/shared/ids.js';
import type { DocumentStore, Lane } from '../ports/documentStore.js';
import { on, type ProjectedEvent, type Projection } from './projection.js';
import type { AppliedListener } from './readModels.js';
import { laneSpec, Projector, type ProjectorOptions } from './projector.js';

const named = on<NameEvents>();
type Noted = { readonly times: number };

/** Notes how often each event had its effect: what the rules forbid, and what shows a repetition. */
const journal = (name: string, before: (event: ProjectedEvent) => void = () => undefined): Projection => {
  const reads = (_: unknown, { position }: ProjectedEvent) => [{ collection: 'noted', key: position }];
  return {
    name,
    version: 1,
    collections: [{ name: 'noted', indexes: {} }],
    handlers: named('NameClaimed', {
      reads,
      apply: (_, event, view) => {
        before(event);
        const times = view.get<Noted>('noted', event.position)?.times ?? 0;
        view.put('noted', event.position, { times: times + 1 });
      },
    }),
  };
};

describe('the projector', () => {
  let world: World;
  let projector: Projector | undefined;
  let failures: unknown[];
  let tests = 0;
  /** Lanes of their own for each test. */
  let [one, other] = [journal('one'), journal('other')];

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    tests++;
    [one, other] = [journal(`one-${tests}`), journal(`other-${tests}`)];
    failures = [];
  });
  afterEach(async () => {
    await projector?.close().catch(() => undefined);
    projector = undefined;
  });

  const start = async (
    options: Partial<ProjectorOptions> = {},
    listener: AppliedListener = () => undefined,
  ): Promise<Projector> => {
    const { events, documents } = world.stores;
    const failed = (error: unknown): void => void failures.push(error);
    projector = await Projector.open({ events, documents, projections: [one, other], failed, ...options });
    projector.onApplied(listener);
    projector.start();
    return projector;
  };
  /** Something that the journals note. @returns where it is in the log */
  const happen = async (): Promise<Position> => {
    const owner = streamName('namespace-1');
    const stream = streamName(`name-namespace-${world.ids.next()}`);
    const { position } = await world
      .streams()
      .decide(nameAggregate, stream, context(), () => [{ type: 'NameClaimed', data: { owner } }]);
    if (position === null) throw new Error('nothing happened');
    return position;
  };
  const lane = (projection: Projection, documents: DocumentStore = world.stores.documents): Promise<Lane> =>
    documents.active(laneSpec(projection));
  /** The documents, with lanes that behave in another way. */
  const withLanes = (active: DocumentStore['active']): DocumentStore => {
    const { documents } = world.stores;
    return {
      active,
      hasActive: (spec) => documents.hasActive(spec),
      build: (spec) => documents.build(spec),
      activate: (spec, build) => documents.activate(spec, build),
      discardBuilds: (projection) => documents.discardBuilds(projection),
      lanes: () => documents.lanes(),
    };
  };
  const noted = async (projection: Projection) => {
    const documents = await documentsOf(projection, await lane(projection));
    return new Map(Object.entries(documents).map(([key, { times }]) => [key.slice('noted/'.length), times]));
  };
  const everyEvent = async () => {
    const claims = (await world.log()).filter(({ type }) => type === 'NameClaimed');
    return new Map(claims.map(({ position }) => [position, 1]));
  };

  describe('feeds', () => {
    it('every read model with every event, once', async () => {
      const running = await start();
      let last = await happen();
      for (let count = 0; count < 20; count++) last = await happen();
      await running.waitFor(last);
      expect(await noted(one)).toEqual(await everyEvent());
      expect(await noted(other)).toEqual(await everyEvent());
      expect(running.position).toBe(last);
    });

    it('a read model that is new from the beginning of the log, beside one that is not', async () => {
      const running = await start({ projections: [one] });
      await running.waitFor(await happen());
      await running.close();

      const again = await start();
      await again.waitFor(await happen());
      expect(await noted(one)).toEqual(await everyEvent());
      expect(await noted(other)).toEqual(await everyEvent());
    });

    it('from where it stopped', async () => {
      const running = await start();
      await running.waitFor(await happen());
      await running.close();
      const missed = await happen();

      const again = await start();
      await again.waitFor(missed);
      expect(await noted(one)).toEqual(await everyEvent());
    });
  });

  describe('that dies between two batches', () => {
    /** Documents that cannot be written any more from some commit on, as after a `kill -9`. */
    const dying = (commits: number, when: 'before' | 'after'): DocumentStore => {
      const { documents } = world.stores;
      let left = commits;
      const mortal = (opened: Lane): Lane => ({
        checkpoint: () => opened.checkpoint(),
        collection: (name) => opened.collection(name),
        commit: async (writes, checkpoint) => {
          left--;
          if (left < 0 || (left === 0 && when === 'before')) throw new Error('dead');
          await opened.commit(writes, checkpoint);
          if (left === 0) throw new Error('dead');
        },
      });
      return withLanes(async (spec) => mortal(await documents.active(spec)));
    };

    it.each([1, 2, 3, 4, 5].flatMap((commits) => [[commits, 'before'] as const, [commits, 'after'] as const]))(
      'loses and repeats nothing: at commit %i, %s it is written',
      async (commits, when) => {
        const dead = Promise.withResolvers<undefined>();
        const running = await start({
          documents: dying(commits, when),
          failed: () => {
            dead.resolve(undefined);
          },
        });
        for (let count = 0; count < 3; count++) {
          const position = await happen();
          await Promise.race([running.waitFor(position).catch(() => undefined), dead.promise]);
        }
        await dead.promise;
        await running.close().catch(() => undefined);

        const again = await start();
        await again.waitFor(await happen());
        expect(await noted(one)).toEqual(await everyEvent());
        expect(await noted(other)).toEqual(await everyEvent());
      },
    );
  });

  describe('with a read model that throws', () => {
    it('tells of it and tries again, and passes over nothing', async () => {
      let throwing = 2;
      const broken = journal(`broken-${tests}`, () => {
        if (throwing-- > 0) throw new Error('broken');
      });
      const running = await start({ projections: [one, broken, other] });
      const first = await happen();
      const last = await happen();
      await running.waitFor(last);
      expect(failures).toEqual([new Error('broken'), new Error('broken')]);
      for (const projection of [one, broken, other]) expect(await noted(projection)).toEqual(await everyEvent());
      expect(first < last).toBe(true);
    });

    it('goes no further than it, while the others are fed', async () => {
      const told = Promise.withResolvers<undefined>();
      const broken = journal(`broken-${tests}`, () => {
        throw new Error('broken');
      });
      const before = await happen();
      const running = await start({
        projections: [one, broken],
        failed: () => {
          told.resolve(undefined);
        },
      });
      await told.promise;
      expect(running.position < before).toBe(true);
      expect(await noted(broken)).toEqual(new Map());
      expect(await noted(one)).toEqual(await everyEvent());
    });

    it('tells of a store that is away, and goes on when it is back', async () => {
      const { events } = world.stores;
      let away = 2;
      const running = await start({
        events: overriding(events, {
          subscribeAll: (...call) => {
            if (away-- > 0) throw new Error('away');
            return events.subscribeAll(...call);
          },
        }),
      });
      await running.waitFor(await happen());
      expect(failures.length).toBe(2);
      expect(await noted(one)).toEqual(await everyEvent());
    });
  });

  describe('tells others of what it has applied', () => {
    it('before anybody who waits for it goes on, everything and in order', async () => {
      const order: string[] = [];
      const running = await start({}, (events) => {
        for (const { position } of events) order.push(`applied ${position}`);
      });
      const positions = [await happen(), await happen()];
      await Promise.all(
        positions.map(async (position) => {
          await running.waitFor(position);
          order.push(`waited ${position}`);
        }),
      );
      for (const position of positions) {
        expect(order.indexOf(`applied ${position}`)).toBeGreaterThanOrEqual(0);
        expect(order.indexOf(`applied ${position}`)).toBeLessThan(order.indexOf(`waited ${position}`));
      }
      const applied = order.filter((each) => each.startsWith('applied'));
      expect(applied).toEqual([...applied].sort());
    });

    it('and again when they failed: a cache that missed a change would stay wrong', async () => {
      let failing = true;
      const applied: Position[] = [];
      const before = await happen();
      const running = await start({}, (events) => {
        if (failing) {
          failing = false;
          throw new Error('the cache failed');
        }
        applied.push(...events.map(({ position }) => position));
      });
      await running.waitFor(before);
      expect(applied).toContain(before);
      expect(await noted(one)).toEqual(await everyEvent());
    });
  });

  describe('lets others wait', () => {
    it('not at all for what is shown already', async () => {
      const running = await start();
      const position = await happen();
      await running.waitFor(position);
      await running.waitFor(position);
    });

    it('for every read model, not just for the first', async () => {
      const held = Promise.withResolvers<undefined>();
      const { documents } = world.stores;
      const slow: DocumentStore['active'] = async (spec) => {
        const opened = await documents.active(spec);
        if (spec.projection !== other.name) return opened;
        return {
          checkpoint: () => opened.checkpoint(),
          collection: (name) => opened.collection(name),
          commit: async (writes, checkpoint) => {
            await held.promise;
            await opened.commit(writes, checkpoint);
          },
        };
      };
      const position = await happen();
      const running = await start({ documents: withLanes(slow) });
      let waited = false;
      const waiting = running.waitFor(position).then(() => (waited = true));
      while ((await noted(one)).size === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(waited).toBe(false);
      held.resolve(undefined);
      await waiting;
      expect(await noted(other)).toEqual(await everyEvent());
    });

    it('until it is closed: nobody waits for what will not come', async () => {
      const running = await start();
      const far = `9${(await happen()).slice(1)}` as Position;
      const waiting = running.waitFor(far);
      const outcome = expect(waiting).rejects.toThrow('closed');
      await running.close();
      await outcome;
      await expect(running.waitFor(far)).rejects.toThrow('closed');
    });

    it('until it is closed, also when that fails', async () => {
      const { documents } = world.stores;
      const position = await happen();
      const running = await start({ projections: [one] });
      await running.waitFor(position);
      const far = `9${position.slice(1)}` as Position;
      const outcome = expect(running.waitFor(far)).rejects.toThrow('closed');
      const unflushable = running.feed(one.name);
      unflushable.flush = () => Promise.reject(new Error('the disk is full'));
      await expect(running.close()).rejects.toThrow('the disk is full');
      await outcome;
      expect(await documents.hasActive(laneSpec(one))).toBe(true);
    });
  });
});
