import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { timestamp } from '../../domain/shared/time.js';
import { StoreUnavailable } from '../../ports/errors.js';
import type { EventStore } from '../../ports/eventStore.js';
import type { OperationalStore } from '../../ports/operationalStore.js';
import { createLog } from '../../telemetry/log.js';
import type { Opened } from '../contractFixture.js';
import { idsOf, sampleEvents } from '../eventstore/sampleEvents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../sqlite/embedded.js';
import { temporaryFolder } from '../sqlite/temporaryFolder.js';
import { eventBusContract, Listener, streamOf, TEST_PATIENCE, type BusUnderTest } from './contract.js';
import { DEAD_LETTERS, EmbeddedEventBus, type DeadLetter } from './embedded.js';

const log = createLog({ level: 'silent' });
const clock = { now: () => timestamp(Date.now()) };

function busOn({ events, operational }: { events: EventStore; operational: OperationalStore }): EmbeddedEventBus {
  return new EmbeddedEventBus({ events, operational, clock, patience: TEST_PATIENCE, log });
}

function underTest(engines: EmbeddedEngines): BusUnderTest & { readonly close: () => Promise<void> } {
  const bus = busOn(engines);
  return {
    publish: () => bus.publish(),
    consume: (...call) => bus.consume(...call),
    close: () => bus.close(),
    arrive: async (stream, envelopes) => {
      const last = await engines.events.readLast(stream);
      await engines.events.append(stream, envelopes, last?.revision ?? 'no-stream');
    },
    deadLetters: async (group) => {
      const records = await engines.operational.list<DeadLetter>(DEAD_LETTERS, { prefix: `${group}/`, limit: 100 });
      return records.map(({ value: { event: id, reason, attempts } }) => ({ id, reason, attempts }));
    },
  };
}

async function open(): Promise<Opened<BusUnderTest>> {
  const folder = temporaryFolder();
  let engines = await openEmbeddedStores({ folder: folder.path });
  let bus = underTest(engines);
  const close = async (): Promise<void> => {
    await bus.close();
    await engines.close();
  };
  return {
    store: bus,
    reopen: async () => {
      await close();
      engines = await openEmbeddedStores({ folder: folder.path });
      bus = underTest(engines);
      return bus;
    },
    close: async () => {
      await close();
      folder.remove();
    },
  };
}

describe('the embedded bus', () => {
  eventBusContract(open);
});

describe('the embedded bus, beside its contract', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engines: EmbeddedEngines;
  beforeEach(async () => {
    folder = temporaryFolder();
    engines = await openEmbeddedStores({ folder: folder.path });
  });
  afterEach(async () => {
    await engines.close();
    folder.remove();
  });

  it('gives a group nothing of a topic twice when it takes on another one', async () => {
    const [one, other] = [streamOf('repository'), streamOf('namespace')];
    const [old, missed] = [sampleEvents(2), sampleEvents(2)];
    await engines.events.append(one, old, 'no-stream');
    await engines.events.append(other, missed, 'no-stream');
    const first = busOn(engines);
    const before = new Listener();
    await first.consume('group', ['repository'], before.handle);
    await before.given(2);
    await first.close();

    const second = busOn(engines);
    const after = new Listener();
    await second.consume('group', ['repository', 'namespace'], after.handle);
    const next = sampleEvents(1);
    await engines.events.append(one, next, 1);
    expect(idsOf(await after.given(3))).toEqual(idsOf([...missed, ...next]));
    await second.close();
  });

  it('refuses a second consumer of a group', async () => {
    const bus = busOn(engines);
    await bus.consume('group', ['repository'], new Listener().handle);
    await expect(bus.consume('group', ['repository'], new Listener().handle)).rejects.toThrow(RangeError);
    await bus.close();
  });

  it('loses no dead letter while the store that keeps them is away', async () => {
    let refusals = 5;
    const refused = Promise.withResolvers<undefined>();
    const operational: OperationalStore = {
      get: (...call) => engines.operational.get(...call),
      getMany: (...call) => engines.operational.getMany(...call),
      list: (...call) => engines.operational.list(...call),
      due: (...call) => engines.operational.due(...call),
      write: (writes) => {
        if (writes[0]?.collection !== DEAD_LETTERS || refusals === 0) return engines.operational.write(writes);
        refusals--;
        if (refusals === 0) refused.resolve(undefined);
        return Promise.reject(new StoreUnavailable('away'));
      },
    };
    const bus = busOn({ events: engines.events, operational });
    const [bad, good] = sampleEvents(2);
    const listener = new Listener(({ id }) =>
      id === bad?.id ? Promise.reject(new Error('broken')) : Promise.resolve(),
    );
    await bus.consume('group', ['repository'], listener.handle);
    await engines.events.append(streamOf('repository'), bad && good ? [bad, good] : [], 'no-stream');
    await refused.promise;
    expect(idsOf(await listener.given(4))).toEqual([bad?.id, bad?.id, bad?.id, good?.id]);
    const records = await engines.operational.list<DeadLetter>(DEAD_LETTERS, { limit: 10 });
    expect(records.map(({ value }) => value)).toMatchObject([{ event: bad?.id, reason: 'Error: broken', attempts: 3 }]);
    await bus.close();
  });
});
