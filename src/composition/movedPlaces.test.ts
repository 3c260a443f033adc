import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { doneRecord } from '../adapters/bus/groupCheckpoint.js';
import { position, START } from '../domain/shared/ids.js';
import type { Consumer } from '../workers/consumers.js';
import { publishedRecord } from '../workers/relayPlace.js';
import { movedPlaces, PLACES, type Moving } from './movedPlaces.js';

const end = position(90);
const consumer: Consumer = { group: 'mails', topics: ['account', 'repository'], jobsOf: () => [] };

describe('where the bus goes on after a move', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  const places = (from: Moving['from'], to: Moving['to'], republish = false) => {
    const { operational } = world.stores;
    return movedPlaces({ operational, end, from, to, republish, consumers: [consumer] });
  };
  const done = (group: string, at: number): Promise<void> =>
    world.stores.operational.write([doneRecord(group, ['repository'], position(at))]);

  it('onto Kafka is behind what all consumers have done', async () => {
    expect((await places('embedded', 'kafka')).marks).toMatchObject([{ at: end }]);
    await done('one', 50);
    await done('other', 30);
    const { collections, marks } = await places('embedded', 'kafka');
    expect([collections, marks.map(({ at }) => at)]).toEqual([PLACES, [position(30)]]);
    expect(marks[0]?.record(position(7))).toEqual(publishedRecord(position(7)));
  });

  it('onto Kafka is at the first event, if that is asked for', async () => {
    await done('one', 50);
    expect((await places('embedded', 'kafka', true)).marks).toMatchObject([{ at: START }]);
  });

  it('from Kafka is behind what was published', async () => {
    expect((await places('kafka', 'kafka')).marks).toMatchObject([{ at: START }]);
    await world.stores.operational.write([publishedRecord(position(60))]);
    expect((await places('kafka', 'kafka')).marks).toMatchObject([{ at: position(60) }]);
    const { marks } = await places('kafka', 'embedded');
    expect(marks).toMatchObject([{ at: position(60) }]);
    expect(marks[0]?.record(position(7))).toMatchObject({
      key: 'mails',
      value: { topics: { account: position(7), repository: position(7) } },
    });
  });

  it('between embedded ones is where each consumer was', async () => {
    await done('one', 50);
    expect(await places('embedded', 'embedded')).toEqual({
      collections: [...PLACES, 'consumer-checkpoints'],
      marks: [],
    });
  });
});
