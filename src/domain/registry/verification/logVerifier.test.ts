import { describe, expect, it } from '@jest/globals';
import { chained, rehashed, streamName, testEventId, testKey, TestLog } from '../../../../test/support/testLog.js';
import type { RecordedEvent } from '../../shared/envelope.js';
import { position } from '../../shared/ids.js';
import { checkpointHash, signCheckpoint } from '../checkpoint.js';
import { announceKey } from '../signing.js';
import { LogVerifier, type Verification, type VerifierOptions } from './logVerifier.js';
import type { LogProblem } from './problem.js';

function verify(events: readonly RecordedEvent[], options: VerifierOptions = {}): Verification {
  const verifier = new LogVerifier(options);
  for (const event of events) if (!verifier.take(event)) break;
  return verifier.finish();
}

function problemIn(events: readonly RecordedEvent[], options: VerifierOptions = {}): LogProblem {
  const result = verify(events, options);
  if (result.ok) throw new Error('nothing was found');
  return result.problem;
}

const KEY = testKey(1);
const moved = { tag: 'latest' };

/**
 * Numbers from 1: the key, a1 b1 a2 (covered by the first checkpoint), b2 that comes while it is made, the checkpoint
 * itself (6), a3 c1 (7 and 8), a second checkpoint (9) that covers all before it, a4 b3 (10 and 11), uncovered.
 */
function twoCheckpoints(): TestLog {
  const log = new TestLog().announce(KEY);
  for (const stream of ['repository-a', 'repository-b', 'repository-a', 'repository-b'])
    log.append(stream, 'TagMoved', moved);
  log.checkpoint(1);
  for (const stream of ['repository-a', 'repository-c']) log.append(stream, 'TagMoved', moved);
  log.checkpoint();
  for (const stream of ['repository-a', 'repository-b']) log.append(stream, 'TagMoved', moved);
  return log;
}

const without = (events: readonly RecordedEvent[], ...numbers: readonly number[]): RecordedEvent[] =>
  events.filter((_, index) => !numbers.includes(index + 1));

const replacing = (
  events: readonly RecordedEvent[],
  number: number,
  by: (event: RecordedEvent) => RecordedEvent,
): RecordedEvent[] => events.map((event, index) => (index + 1 === number ? by(event) : event));

/** A later checkpoint or announcement, made by who holds the keys but not as it must be. */
const withEvent = (log: TestLog, type: string, data: RecordedEvent['data']): readonly RecordedEvent[] => {
  log.append('registry', type, data);
  return log.events;
};

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
    const { id, stream, revision, position: at } = events[number - 1] ?? events[0] ?? chained(undefined, never);
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
    const next = chained(events[9], { ...never, stream: streamName('repository-a'), position: position(120) });
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
    const forged = chained(events[9], { ...never, stream: streamName('repository-a'), position: position(115) });
    const own = chained(events[9], {
      ...never,
      id: testEventId(98),
      stream: streamName('repository-a'),
      position: position(117),
    });
    const next = chained(own, {
      ...never,
      id: testEventId(99),
      stream: streamName('repository-a'),
      position: position(119),
    });
    expect(problemIn([...events, forged, own, next])).toMatchObject({ kind: 'inserted', event: { id: forged.id } });
    const other = chained(forged, {
      ...never,
      id: testEventId(99),
      stream: streamName('repository-a'),
      position: position(119),
    });
    expect(problemIn([...events, forged, own, other])).toMatchObject({ kind: 'inserted', event: { id: own.id } });
  });
});

const never = { stream: streamName('x'), id: testEventId(97), position: position(1), type: 'TagMoved', data: moved };

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
      message: 'of events 9 to 13 that checkpoint 3 covers, 1 are missing',
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
    const forged = chained(undefined, { ...never, stream: streamName('repository-z'), position: position(35) });
    expect(problemIn([...events.slice(0, 3), forged, ...events.slice(3)])).toMatchObject({
      kind: 'inserted',
      event: null,
      among: { first: 1, last: 4 },
      message: '1 were inserted among events 1 to 4 that checkpoint 1 covers',
    });
  });

  it('the put-in event itself, if its stream goes on later', () => {
    const late = chained(events[4], { ...never, stream: streamName('repository-b'), position: position(75) });
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

describe('what is wrong with a checkpoint or a key', () => {
  const log = twoCheckpoints;
  const last = () => signable(log().events);
  const signable = (events: readonly RecordedEvent[]) => {
    const verified = verify(events);
    if (!verified.lastCheckpoint) throw new Error('no checkpoint');
    return verified.lastCheckpoint;
  };
  const next = () => {
    const whole = log();
    const made = whole.checkpoint();
    const { signature, keyId, ...unsigned } = made;
    return { unsigned, signature, keyId };
  };
  const refused = (data: RecordedEvent['data']) => problemIn(withEvent(log(), 'LogCheckpointed', data));

  it.each([
    ['a signature', () => ({ ...next().unsigned, keyId: KEY.keyId, signature: last().signature }), /wrong signature$/],
    ['a key', () => signCheckpoint(next().unsigned, testKey(2)), /names a key that is not the announced one$/],
    ['its members', () => ({ ...signCheckpoint(next().unsigned, KEY), more: 1 }), /is not a checkpoint$/],
    [
      'a predecessor',
      () => signCheckpoint({ ...next().unsigned, previous: 'ab'.repeat(32) }, KEY),
      /follow the checkpoint before/,
    ],
    ['a size', () => signCheckpoint({ ...next().unsigned, size: 8 }, KEY), /covers nothing$/],
    [
      'a last event',
      () => signCheckpoint({ ...next().unsigned, lastEvent: testEventId(1) }, KEY),
      /names a last event/,
    ],
  ])('%s', (_, data, message) => {
    expect(refused(data())).toMatchObject({ kind: 'checkpoint', event: { id: testEventId(12) } });
    expect(refused(data()).message).toMatch(message);
  });

  it('a number that leaves one out, or one that was seen', () => {
    const { unsigned } = next();
    expect(refused(signCheckpoint({ ...unsigned, number: 4 }, KEY))).toMatchObject({ kind: 'removed', event: null });
    expect(refused(last())).toMatchObject({ kind: 'inserted', event: { id: testEventId(12) } });
  });

  it.each([
    ['not signed by the one before', () => announceKey(testKey(2), testKey(2)), /the key before it did not sign$/],
    [
      'signed by a stranger',
      () => ({ ...announceKey(testKey(2), KEY), signature: announceKey(testKey(2), testKey(3)).signature }),
      /sign$/,
    ],
    ['announced before', () => announceKey(KEY, KEY), /was announced before$/],
    ['under another id', () => ({ ...announceKey(testKey(2), KEY), keyId: 'ab'.repeat(32) }), /not its own$/],
    ['that is none', () => ({ ...announceKey(testKey(2), KEY), publicKey: 'no key' }), /not its own$/],
    ['without its members', () => ({ keyId: testKey(2).keyId }), /not the announcement of a key$/],
  ])('a key %s', (_, data, message) => {
    const found = problemIn(withEvent(log(), 'SigningKeyAnnounced', data()));
    expect(found).toMatchObject({ kind: 'key', event: { id: testEventId(12) } });
    expect(found.message).toMatch(message);
  });

  it('a signature of a key that was replaced', () => {
    const rotated = log().announce(testKey(2));
    const { number, size, root, lastEvent, previous } = rotated.checkpoint();
    const events = rotated.events.slice(0, -1);
    const data = signCheckpoint({ number, size, root, lastEvent, previous }, KEY);
    const forged = chained(events.at(-1), {
      ...never,
      stream: streamName('registry'),
      position: position(999),
      type: 'LogCheckpointed',
      data,
    });
    expect(problemIn([...events, forged])).toMatchObject({ kind: 'checkpoint', event: { id: forged.id } });
  });
});

describe('what was kept elsewhere', () => {
  const log = twoCheckpoints();
  const { events } = log;
  const last = verify(events).lastCheckpoint;
  if (!last) throw new Error('no checkpoint');

  it('is found in the log', () => {
    expect(verify(events, { checkpoint: last, keyId: KEY.keyId })).toMatchObject({ ok: true, coveredUpTo: 8 });
  });

  it('finds a log that was cut off before the checkpoint, or just at it', () => {
    const message = `the log ends with event ${testEventId(6)} (revision 1 of registry, position 00000000000000000060)`;
    expect(problemIn(events.slice(0, 6), { checkpoint: last })).toMatchObject({
      kind: 'cut-off',
      event: { id: testEventId(6) },
      foundAt: null,
      message: `${message}: at least 2 events that checkpoint 2 covers came after it`,
    });
    expect(problemIn(events.slice(0, 8), { checkpoint: last })).toMatchObject({
      kind: 'cut-off',
      event: { id: testEventId(8) },
    });
    expect(problemIn([], { checkpoint: last })).toMatchObject({ kind: 'cut-off', event: null });
  });

  it('finds a log that was signed anew', () => {
    const other = new TestLog().announce(KEY);
    for (let number = 1; number < 8; number++) other.append('repository-a', 'TagMoved', moved);
    other.checkpoint(4);
    other.checkpoint();
    expect(verify(other.events)).toMatchObject({ ok: true });
    expect(problemIn(other.events, { checkpoint: last })).toMatchObject({
      kind: 'rewritten',
      event: { id: testEventId(10) },
    });
  });

  it('is told from a log that is wrong, if it is damaged itself', () => {
    const damaged = { ...last, size: 9 };
    expect(problemIn(events, { checkpoint: damaged })).toMatchObject({ kind: 'checkpoint', event: null });
    expect(problemIn(events.slice(0, 6), { checkpoint: damaged })).toMatchObject({ kind: 'checkpoint', event: null });
  });

  it('counts only what the trusted key, or one that it announced, has signed', () => {
    const rotated = twoCheckpoints().announce(testKey(2));
    expect(problemIn(rotated.events, { keyId: testKey(2).keyId })).toMatchObject({ kind: 'untrusted' });
    expect(problemIn(rotated.events, { keyId: testKey(3).keyId })).toMatchObject({ kind: 'untrusted' });
    rotated.checkpoint();
    expect(verify(rotated.events, { keyId: testKey(2).keyId })).toMatchObject({ ok: true, coveredUpTo: 12 });
    expect(verify(rotated.events, { keyId: KEY.keyId })).toMatchObject({ ok: true, coveredUpTo: 12 });
    expect(checkpointHash(last)).toBe(rotated.events.at(-1)?.data['previous']);
  });
});
