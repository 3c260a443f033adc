import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import {
  openEventStoreDb,
  type EventStoreDbEventStore,
} from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { idsOf, newStream, sampleEvent, sampleEvents } from '../../src/adapters/eventstore/sampleEvents.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

/** What a log costs in calls that lies in a database where others write much more. */
describe('a log beside busy neighbours', () => {
  let standIn: EventStoreDbStandIn;
  let own: EventStoreDbEventStore;
  let neighbour: EventStoreDbEventStore;
  beforeEach(async () => {
    standIn = await EventStoreDbStandIn.start();
    own = openEventStoreDb(standIn.connection, { streamPrefix: 'east' });
    neighbour = openEventStoreDb(standIn.connection);
  });
  afterEach(async () => {
    await Promise.all([own.close(), neighbour.close()]);
    await standIn.stop();
  });

  const muchElseHappens = async (): Promise<void> => {
    for (let append = 0; append < 20; append++) await neighbour.append(newStream(), sampleEvents(100), 'no-stream');
  };
  const pagesFor = async (work: () => Promise<unknown>): Promise<number> => {
    const before = standIn.logPages;
    await work();
    return standIn.logPages - before;
  };

  it('finds the next event in few calls, however few are asked for', async () => {
    const [stream, event] = [newStream(), sampleEvent()];
    const { position } = await own.append(stream, [sampleEvent()], 'no-stream');
    await muchElseHappens();
    await own.append(stream, [event], 0);
    const pages = await pagesFor(async () => {
      expect(idsOf(await own.readAll(position, 1))).toEqual([event.id]);
    });
    expect(pages).toBeLessThan(10);
  });

  it('looks once for its end at what others wrote', async () => {
    const stream = newStream();
    const first = await own.append(stream, [sampleEvent()], 'no-stream');
    await muchElseHappens();
    const other = openEventStoreDb(standIn.connection, { streamPrefix: 'east' });
    expect(await other.end()).toBe(first.position);
    expect(await pagesFor(() => other.end())).toBe(1);
    const second = await own.append(stream, [sampleEvent()], 0);
    await neighbour.append(newStream(), [sampleEvent()], 'no-stream');
    expect(await other.end()).toBe(second.position);
    await other.close();
  });
});
