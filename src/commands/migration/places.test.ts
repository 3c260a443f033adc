import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestLog } from '../../../test/support/testLog.js';
import { World } from '../../../test/support/world.js';
import { position, START, type Position } from '../../domain/shared/ids.js';
import { timestamp } from '../../domain/shared/time.js';
import { Places, type Mark } from './places.js';

describe('places in the log', () => {
  let source: World;
  let target: World;
  beforeEach(async () => {
    [source, target] = [await World.open(), await World.open()];
  });
  afterEach(async () => {
    await source.close();
    await target.close();
  });

  /** Events stand at 10, 20, … in the source, and at 1007, 1014, … in the target. */
  const inTarget = (number: number): Position => position(1_000 + number * 7);

  async function moved(
    records: Readonly<Record<string, object>>,
    marks: readonly Mark[] = [],
  ): Promise<Record<string, unknown>> {
    const log = new TestLog();
    for (let number = 0; number < 5; number++) log.append('repository-a', 'TagMoved', {});
    const due = timestamp(5);
    await source.stores.operational.write(
      Object.entries(records).map(([key, value]) => ({
        ...{ kind: 'put', collection: 'places', key, due },
        value: { ...value },
      })),
    );
    const places = await Places.in(source.stores.operational, { collections: ['places', 'others'], marks });
    for (const [index, event] of log.events.entries()) {
      places.pass({ source: event, target: { ...event, position: inTarget(index + 1) } });
    }
    await places.write(target.stores.operational);
    const there = await target.stores.operational.list('places', { limit: 100 });
    expect(there.map((record) => record.due)).toEqual(there.map(() => due));
    return Object.fromEntries(there.map(({ key, value }) => [key, value]));
  }

  it('are found behind the same event, wherever they stand in a record', async () => {
    const name = 'repository-a';
    expect(
      await moved({
        start: { after: START },
        first: { after: position(10), number: 7, name },
        last: { topics: { one: position(50), two: position(20), three: null }, list: [position(50), 'x', 3, true] },
      }),
    ).toEqual({
      start: { after: START },
      first: { after: inTarget(1), number: 7, name },
      last: { topics: { one: inTarget(5), two: inTarget(2), three: null }, list: [inTarget(5), 'x', 3, true] },
    });
  });

  it('between two events are behind the one before, and beyond the end at it', async () => {
    expect(await moved({ a: { at: position(5) }, b: { at: position(39) }, c: { at: position(1_000) } })).toEqual({
      a: { at: START },
      b: { at: inTarget(3) },
      c: { at: inTarget(5) },
    });
  });

  it('can be asked for without a record that names them', async () => {
    const mark = (key: string, at: Position): Mark => ({
      at,
      record: (there) => ({ kind: 'put', collection: 'marks', key, value: { there } }),
    });
    await moved({}, [mark('end', position(50)), mark('two', position(20)), mark('start', START)]);
    const marks = await target.stores.operational.list('marks', { limit: 10 });
    expect(marks.map(({ key, value }) => [key, value['there']])).toEqual([
      ['end', inTarget(5)],
      ['start', START],
      ['two', inTarget(2)],
    ]);
  });
});
