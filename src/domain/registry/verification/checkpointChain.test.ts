import { describe, expect, it } from '@jest/globals';
import { testEventId, testKey, TestLog } from '../../../../test/support/testLog.js';
import { forged, KEY, problemIn, twoCheckpoints, verify } from '../../../../test/support/verifying.js';
import type { RecordedEvent } from '../../shared/envelope.js';
import { checkpointHash, parseCheckpoint, signCheckpoint } from '../checkpoint.js';
import { announceKey } from '../signing.js';

type Data = RecordedEvent['data'];

/** What is wrong when such an event comes next: made by who holds the keys, but not as it must be. */
const refused = (data: Data, type = 'LogCheckpointed') =>
  problemIn([...twoCheckpoints().events, forged(twoCheckpoints().events[8], 'registry', 999, { type, data })]);

describe('what is wrong with a checkpoint or a key', () => {
  const last = parseCheckpoint(JSON.stringify(twoCheckpoints().events[8]?.data));
  const { number, size, root, lastEvent, previous } = twoCheckpoints().checkpoint();
  const next = { number, size, root, lastEvent, previous };

  it.each([
    ['a signature', () => ({ ...next, keyId: KEY.keyId, signature: last.signature }), /wrong signature$/],
    ['a key', () => signCheckpoint(next, testKey(2)), /names a key that is not the announced one$/],
    ['its members', () => ({ ...signCheckpoint(next, KEY), more: 1 }), /is not a checkpoint$/],
    [
      'a predecessor',
      () => signCheckpoint({ ...next, previous: 'ab'.repeat(32) }, KEY),
      /follow the checkpoint before/,
    ],
    ['a size', () => signCheckpoint({ ...next, size: 8 }, KEY), /covers nothing$/],
    ['a last event', () => signCheckpoint({ ...next, lastEvent: testEventId(1) }, KEY), /names a last event/],
  ])('%s', (_, data, message) => {
    expect(refused(data())).toMatchObject({ kind: 'checkpoint', event: { id: testEventId(97) } });
    expect(refused(data()).message).toMatch(message);
  });

  it('a number that leaves one out, or one that was seen', () => {
    expect(refused(signCheckpoint({ ...next, number: 4 }, KEY))).toMatchObject({ kind: 'removed', event: null });
    expect(refused(last)).toMatchObject({ kind: 'inserted', event: { id: testEventId(97) } });
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
    const found = refused(data(), 'SigningKeyAnnounced');
    expect(found).toMatchObject({ kind: 'key', event: { id: testEventId(97) } });
    expect(found.message).toMatch(message);
  });

  it('a signature of a key that was replaced', () => {
    const rotated = twoCheckpoints().announce(testKey(2));
    const { number: third, size: more, root: other, lastEvent: key, previous: second } = rotated.checkpoint();
    const events = rotated.events.slice(0, -1);
    const data = signCheckpoint({ number: third, size: more, root: other, lastEvent: key, previous: second }, KEY);
    const signed = forged(events.at(-1), 'registry', 999, { type: 'LogCheckpointed', data });
    expect(problemIn([...events, signed])).toMatchObject({ kind: 'checkpoint', event: { id: signed.id } });
  });
});

describe('what was kept elsewhere', () => {
  const { events } = twoCheckpoints();
  const last = parseCheckpoint(JSON.stringify(events[8]?.data));

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
    for (let number = 1; number < 8; number++) other.append('repository-a', 'TagMoved', {});
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
