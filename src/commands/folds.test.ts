import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileSnapshots } from '../adapters/snapshots/files.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideSetVisibility } from '../domain/repository/settings.js';
import type { StreamName } from '../domain/shared/ids.js';
import type { EventStore } from '../ports/eventStore.js';
import { repositoryCreated } from '../../test/support/repositoryEvents.js';
import { World } from '../../test/support/world.js';
import { systemContext } from './context.js';
import type { Streams } from './streams.js';

const stream = 'repository-1' as StreamName;
const context = systemContext('system', 'test');
const SNAPSHOT_EVENTS = 10;

describe('snapshots of long streams', () => {
  let world: World;
  let snapshots: FileSnapshots;
  let read: number;

  beforeEach(async () => {
    world = await World.open();
    snapshots = new FileSnapshots(`${world.folder}/snapshots`);
  });
  afterEach(() => world.close());

  /** The streams of a process that has just started, on a store that tells how many events it gave. */
  function freshProcess(): Streams {
    read = 0;
    const { events: store } = world.stores;
    const events: EventStore = {
      append: (...append) => store.append(...append),
      readLast: (name) => store.readLast(name),
      readAll: (after, limit) => store.readAll(after, limit),
      end: () => store.end(),
      subscribeAll: (after, signal) => store.subscribeAll(after, signal),
      async *read(name, from) {
        for await (const event of store.read(name, from)) {
          read++;
          yield event;
        }
      },
    };
    return world.streams({ events, snapshots, snapshotEvents: SNAPSHOT_EVENTS });
  }

  async function changeVisibility(streams: Streams, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await streams.decide(repositoryAggregate, stream, context, (state) =>
        state.kind === 'none'
          ? [repositoryCreated()]
          : decideSetVisibility(state.kind === 'active' && state.visibility === 'public' ? 'private' : 'public', state),
      );
    }
  }

  /** Snapshots are written while nobody waits. */
  async function saved(): Promise<void> {
    while (!(await snapshots.load(stream))) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  it('spare a new process the events before them', async () => {
    await changeVisibility(freshProcess(), SNAPSHOT_EVENTS + 5);
    await saved();
    const before = await world.streams().load(repositoryAggregate, stream);
    expect(await freshProcess().load(repositoryAggregate, stream)).toEqual(before);
    expect(read).toBeLessThan(SNAPSHOT_EVENTS + 5);
  });

  it('are not used when they do not belong to the log', async () => {
    await changeVisibility(freshProcess(), SNAPSHOT_EVENTS + 5);
    await saved();
    const snapshot = await snapshots.load(stream);
    if (!snapshot) throw new Error('a snapshot was saved');
    await snapshots.save(stream, { ...snapshot, hash: 'f'.repeat(64), state: { kind: 'deleted' } });
    expect(await freshProcess().load(repositoryAggregate, stream)).toMatchObject({ kind: 'active' });
  });

  it('are not used when the shape of the state has changed since', async () => {
    await changeVisibility(freshProcess(), SNAPSHOT_EVENTS + 5);
    await saved();
    const newer = { ...repositoryAggregate, version: repositoryAggregate.version + 1 };
    expect(await freshProcess().load(newer, stream)).toMatchObject({ kind: 'active' });
    expect(read).toBe(SNAPSHOT_EVENTS + 5);
  });

  it('may be deleted at any time', async () => {
    await changeVisibility(freshProcess(), SNAPSHOT_EVENTS + 5);
    await saved();
    snapshots = new FileSnapshots(`${world.folder}/others`);
    expect(await freshProcess().load(repositoryAggregate, stream)).toMatchObject({ kind: 'active' });
    expect(read).toBe(SNAPSHOT_EVENTS + 5);
  });
});
