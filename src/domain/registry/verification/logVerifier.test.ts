import { describe, expect, it } from '@jest/globals';
import { rehashed, testEventId, testKey, TestLog } from '../../../../test/support/testLog.js';
import {
  forged,
  KEY,
  moved,
  problemIn,
  replacing,
  twoCheckpoints,
  verify,
  without,
} from '../../../../test/support/verifying.js';

describe('a log that is whole', () => {
  it('is proven up to its last checkpoint', () => {
    const { events } = twoCheckpoints();
    const lastCheckpoint = events[8]?.data;
    expect(verify(events)).toEqual({
      ok: true,
      events: 11,
      streams: 4,
      checkpoints: 2,
      coveredUpTo: 8,
      uncovered: 3,
      lastCheckpoint,
    });
  });

  it('may be empty, or not be signed yet', () => {
    const nothing = {
      ok: true,
      events: 0,
      streams: 0,
      checkpoints: 0,
      coveredUpTo: 0,
      uncovered: 0,
      lastCheckpoint: null,
    };
    expect(verify([])).toEqual(nothing);
    const log = new TestLog();
    log.append('repository-a', 'TagMoved', moved);
    expect(verify(log.events)).toMatchObject({ ok: true, events: 1, coveredUpTo: 0, uncovered: 1 });
  });

  it('goes on under a new key', () => {
    const log = twoCheckpoints().announce(testKey(2));
    log.checkpoint();
    expect(verify(log.events)).toMatchObject({ ok: true, checkpoints: 3, coveredUpTo: 12 });
  });

  it('may keep few events one by one, if its checkpoints follow what they cover', () => {
    const log = new TestLog().announce(KEY);
    for (let number = 0; number < 40; number++) log.append(`repository-${number % 3}`, 'TagMoved', moved);
    log.checkpoint(3);
    for (let number = 0; number < 9; number++) log.append(`repository-${number % 3}`, 'TagMoved', moved);
    log.checkpoint(1);
    expect(verify(log.events, { lookBack: 8 })).toMatchObject({ ok: true, checkpoints: 2, coveredUpTo: 50 });
    expect(problemIn(log.events, { lookBack: 2 })).toMatchObject({
      kind: 'checkpoint',
      event: { id: log.events[41]?.id },
    });
  });
});

describe('what an event or its stream shows', () => {
  const { events } = twoCheckpoints();
  const place = (number: number) => {
    const { id, stream, revision, position: at } = events[number - 1] ?? forged(undefined, 'x', 1);
    return { id, stream, revision, position: at };
  };

  it('altered data', () => {
    const altered = replacing(events, 4, (event) => ({ ...event, data: { tag: 'other' } }));
    expect(problemIn(altered)).toMatchObject({ kind: 'altered', event: place(4), foundAt: place(4) });
  });

  it('a member that the hash does not cover', () => {
    const altered = replacing(events, 4, (event) => ({ ...event, metadata: { ...event.metadata, note: 1 } }));
    expect(problemIn(altered)).toMatchObject({ kind: 'altered', event: place(4) });
  });

  it('altered data under a new hash, by the event that follows', () => {
    const altered = replacing(events, 10, (event) => rehashed({ ...event, data: { tag: 'other' } }));
    const next = forged(events[9], 'repository-a', 120);
    expect(problemIn([...altered, next])).toMatchObject({
      kind: 'altered',
      event: place(10),
      foundAt: { id: next.id },
    });
  });

  it('a removed event, by the one that follows in its stream', () => {
    const removed = { id: null, stream: 'repository-b', revision: 0, position: null };
    expect(problemIn(without(events, 3))).toMatchObject({ kind: 'removed', event: removed, foundAt: place(5) });
  });

  it('several removed events', () => {
    const log = new TestLog();
    for (let number = 1; number <= 4; number++) log.append('repository-a', 'TagMoved', moved);
    expect(problemIn(without(log.events, 2, 3)).message).toMatch(
      /^revisions 1 to 2 of repository-a are missing before event /,
    );
  });

  it('an event that was moved to the front, and one that was moved to the end', () => {
    const [key, a1, b1, a2, b2, ...more] = events;
    if (!key || !a1 || !b1 || !a2 || !b2) throw new Error('too short');
    expect(problemIn([key, a2, a1, b1, b2, ...more])).toMatchObject({ kind: 'reordered', event: place(4) });
    expect(problemIn([key, b1, a2, b2, ...more, a1])).toMatchObject({ kind: 'reordered', event: place(2) });
  });

  it('an event that stands twice', () => {
    const [first, second] = [events.slice(0, 5), events.slice(5)];
    expect(problemIn([...first, ...events.slice(1, 2), ...second])).toMatchObject({
      kind: 'inserted',
      event: place(2),
    });
    expect(problemIn([...first, ...events.slice(6, 7), ...second])).toMatchObject({
      kind: 'inserted',
      event: place(7),
    });
  });

  it('an event that was put in, by what the events after it link to', () => {
    const [stranger, own] = [
      forged(events[9], 'repository-a', 115),
      forged(events[9], 'repository-a', 117, { id: testEventId(98) }),
    ];
    const next = forged(own, 'repository-a', 119, { id: testEventId(99) });
    expect(problemIn([...events, stranger, own, next])).toMatchObject({ kind: 'inserted', event: { id: stranger.id } });
    const other = forged(stranger, 'repository-a', 119, { id: testEventId(99) });
    expect(problemIn([...events, stranger, own, other])).toMatchObject({ kind: 'inserted', event: { id: own.id } });
  });
});

describe('what only a checkpoint shows', () => {
  const { events } = twoCheckpoints();

  it('a stream that was removed as a whole', () => {
    expect(problemIn(without(events, 8))).toMatchObject({
      kind: 'removed',
      event: { id: events[7]?.id },
      among: { first: 5, last: 8 },
    });
    const log = twoCheckpoints();
    log.append('repository-d', 'TagMoved', moved);
    log.append('repository-e', 'TagMoved', moved);
    log.checkpoint();
    expect(problemIn(without(log.events, 12))).toMatchObject({
      kind: 'removed',
      event: null,
      foundAt: { id: log.events[13]?.id },
      among: { first: 9, last: 13 },
      message: 'checkpoint 3 covers events 9 to 13: 1 of them missing',
    });
  });

  it('the removed event itself, if its stream goes on later', () => {
    expect(problemIn(without(events, 5))).toMatchObject({
      kind: 'removed',
      event: { stream: 'repository-b', revision: 1 },
      foundAt: { id: events[8]?.id },
      among: { first: 5, last: 8 },
    });
  });

  it('an event that was put in', () => {
    const stranger = forged(undefined, 'repository-z', 35);
    expect(problemIn([...events.slice(0, 3), stranger, ...events.slice(3)])).toMatchObject({
      kind: 'inserted',
      event: null,
      among: { first: 1, last: 4 },
      message: 'checkpoint 1 covers events 1 to 4: 1 inserted among them',
    });
  });

  it('the put-in event itself, if its stream goes on later', () => {
    const late = forged(events[4], 'repository-b', 75);
    expect(problemIn([...events.slice(0, 7), late, ...events.slice(7)])).toMatchObject({
      kind: 'inserted',
      event: { id: late.id },
      among: { first: 5, last: 8 },
    });
  });

  it('an altered event under a new hash', () => {
    const altered = replacing(events, 7, (event) => rehashed({ ...event, data: { tag: 'other' } }));
    expect(problemIn(altered)).toMatchObject({
      kind: 'altered',
      event: { id: events[6]?.id },
      foundAt: { id: events[8]?.id },
    });
    expect(problemIn(altered.slice(0, 9))).toMatchObject({
      kind: 'rewritten',
      event: null,
      among: { first: 5, last: 8 },
    });
  });

  it('a covered event that stands after the checkpoint', () => {
    const late = [...without(events, 8).slice(0, 9), ...events.slice(7, 8), ...events.slice(10)];
    expect(problemIn(late)).toMatchObject({ kind: 'reordered', event: { id: events[7]?.id } });
  });
});
