import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chained, rehashed, streamName, testEventId, testKey, TestLog } from '../../test/support/testLog.js';
import { checkpointText, isCheckpoint, type Checkpoint } from '../domain/registry/checkpoint.js';
import type { Verification } from '../domain/registry/verification/logVerifier.js';
import type { LogProblem } from '../domain/registry/verification/problem.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { position } from '../domain/shared/ids.js';
import { timestamp } from '../domain/shared/time.js';
import { eventLine, footerLine, headerLine } from './exportFormat.js';
import { readExport } from './readExport.js';
import { verifyLog, type VerifyOptions } from './verifyLog.js';

/*
 * Any single change of an export is found, and the right event is named — but for these, which nothing within a log can
 * show, and which the tests below expect to pass:
 * - events after the last checkpoint that are missing together with all that followed them in their streams (a stream's
 *   end, a whole stream, the end of the log): nothing that is left links to them. A checkpoint that was kept elsewhere
 *   shows it as far as that one reaches.
 * - after the last checkpoint, an event that was put in at its stream's end, or altered there under a new hash.
 * - a position that still lies between its neighbours: positions belong to the engine, and no hash covers them.
 */

type Step =
  | { readonly kind: 'event'; readonly stream: number }
  | { readonly kind: 'checkpoint'; readonly behind: number }
  | { readonly kind: 'key' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('event' as const), stream: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const), behind: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('key' as const) }) },
);

function logOf(steps: readonly Step[]): readonly RecordedEvent[] {
  const log = new TestLog().announce(testKey(1));
  let covered = 0;
  steps.forEach((taken, number) => {
    if (taken.kind === 'event') log.append(`repository-${taken.stream}`, 'TagMoved', { tag: `v${number}`, note: 'é' });
    else if (taken.kind === 'key') log.announce(testKey(number + 2));
    else if (log.events.length - taken.behind > covered) covered = log.checkpoint(taken.behind).size;
  });
  return log.events;
}

/** A log, and numbers that choose where in it something happens. */
const tampering = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 40 }),
  one: fc.nat(),
  other: fc.nat(),
  byte: fc.nat(255),
});

type Tampering = {
  readonly events: readonly RecordedEvent[];
  readonly one: number;
  readonly other: number;
  readonly byte: number;
};

const always = (holds: (given: Tampering) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(tampering, ({ steps, ...where }) => holds({ events: logOf(steps), ...where })),
    { numRuns: 100 },
  );

const linesOf = (events: readonly RecordedEvent[]): string[] => [
  headerLine(timestamp(0)),
  ...events.map(eventLine),
  footerLine(events.length),
];

async function* bytesOf(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield* pieces;
}

const verifyLines = (lines: readonly string[], options?: VerifyOptions): Promise<Verification> =>
  verifyLog(readExport(bytesOf(Buffer.from(lines.map((line) => `${line}\n`).join('')))), options);

/** With a footer that counts the events as they are: who changes an export changes that too. */
const verify = (events: readonly RecordedEvent[], options?: VerifyOptions): Promise<Verification> =>
  verifyLines(linesOf(events), options);

async function problemIn(events: readonly RecordedEvent[]): Promise<LogProblem> {
  return problemOf(await verify(events));
}

function problemOf(verification: Verification): LogProblem {
  if (verification.ok) throw new Error('nothing was found');
  return verification.problem;
}

function at(events: readonly RecordedEvent[], index: number): RecordedEvent {
  const event = events[index];
  if (!event) throw new RangeError(`there is no event ${index}`);
  return event;
}

/** The first checkpoint that covers the event at an index. */
function coverOf(
  events: readonly RecordedEvent[],
  index: number,
): { readonly id: string; readonly checkpoint: Checkpoint } | undefined {
  for (const { id, type, data } of events) {
    if (type === 'LogCheckpointed' && isCheckpoint(data) && data.size > index) return { id, checkpoint: data };
  }
  return undefined;
}

const followed = (events: readonly RecordedEvent[], index: number): boolean =>
  events.slice(index + 1).some(({ stream }) => stream === at(events, index).stream);

describe('of an export', () => {
  it('nothing is wrong if nothing was changed', () =>
    always(async ({ events }) => {
      const covered = events.reduce((size, { data }) => (isCheckpoint(data) ? data.size : size), 0);
      expect(await verify(events)).toMatchObject({ ok: true, events: events.length, coveredUpTo: covered });
    }));

  it('any byte of an event but its position, changed to any other, is found at that event', () =>
    always(async ({ events, one, other, byte }) => {
      const index = one % events.length;
      const lines = linesOf(events);
      const line = Buffer.from(lines[index + 1] ?? '');
      const first = line.indexOf('"stream"');
      const place = first + (other % (line.length - first));
      fc.pre(line[place] !== byte);
      line[place] = byte;
      const pieces = lines.map((text, number) =>
        Buffer.concat([number === index + 1 ? line : Buffer.from(text), Buffer.from('\n')]),
      );
      const found = problemOf(await verifyLog(readExport(bytesOf(...pieces))));
      if (found.kind === 'unreadable') expect(found.line).toBe(index + 2);
      else expect(found).toMatchObject({ kind: 'altered', event: { position: at(events, index).position } });
    }));

  it('a removed event is named by stream and revision, or as one that a checkpoint covers', () =>
    always(async ({ events, one }) => {
      const index = one % events.length;
      const { id, stream, revision } = at(events, index);
      const rest = events.toSpliced(index, 1);
      const cover = coverOf(events, index);
      if (followed(events, index)) {
        expect(await problemIn(rest)).toMatchObject({ kind: 'removed', event: { stream, revision } });
      } else if (cover) {
        const { lastEvent, size } = cover.checkpoint;
        const event = lastEvent === id ? { id } : null;
        const found = await problemIn(rest);
        expect(found).toMatchObject({ kind: 'removed', event, foundAt: { id: cover.id }, among: { last: size } });
        expect(found.among?.first).toBeLessThanOrEqual(index + 1);
      } else {
        expect(await verify(rest)).toMatchObject({ ok: true });
        const lines = linesOf(events).toSpliced(index + 1, 1);
        expect(await verifyLines(lines)).toMatchObject({ problem: { kind: 'unreadable', line: events.length + 1 } });
      }
    }));

  it('of two events that changed places, one is named', () =>
    always(async ({ events, one, other }) => {
      const [first, second] = [one % events.length, other % events.length];
      fc.pre(first !== second);
      const [here, there] = [at(events, first), at(events, second)];
      const found = await problemIn(events.with(first, there).with(second, here));
      expect(found.kind).toBe('reordered');
      expect([here.id, there.id]).toContain(found.event?.id);
    }));

  it('a moved event is named', () =>
    always(async ({ events, one, other }) => {
      const [from, to] = [one % events.length, other % events.length];
      fc.pre(from !== to);
      const event = at(events, from);
      const found = await problemIn(events.toSpliced(from, 1).toSpliced(to, 0, event));
      expect(found.kind).toBe('reordered');
      // Of two neighbours, either may have moved.
      const candidates = Math.abs(from - to) === 1 ? [event.id, at(events, to).id] : [event.id];
      expect(candidates).toContain(found.event?.id);
    }));

  it('an event that stands twice is named', () =>
    always(async ({ events, one, other }) => {
      const event = at(events, one % events.length);
      const found = await problemIn(events.toSpliced(other % (events.length + 1), 0, event));
      expect(found).toMatchObject({ kind: 'inserted', event: { id: event.id } });
    }));

  it('an event that was put in, hash and all, is named, or stands among those that a checkpoint covers', () =>
    always(async ({ events, one, other, byte }) => {
      const index = one % (events.length + 1);
      const stream = byte % 6 === 5 ? 'registry' : `repository-${byte % 6}`;
      const previous = events.slice(0, index).findLast((event) => event.stream === stream);
      const place = position((index === 0 ? 0 : Number(at(events, index - 1).position)) + 1 + (other % 9));
      const forged = chained(previous, {
        stream: streamName(stream),
        id: testEventId(999),
        position: place,
        type: 'TagMoved',
        data: { tag: 'forged' },
      });
      const verification = await verify(events.toSpliced(index, 0, forged));
      const rivals = events.slice(index).filter((event) => event.stream === stream);
      const cover = coverOf(events, index);
      if (rivals.length === 0 && !cover) {
        expect(verification.ok).toBe(true);
        return;
      }
      const found = problemOf(verification);
      expect(found.kind).toBe('inserted');
      // While no later event links to either of two, both may be the wrong one.
      if (rivals.length > 1) expect(found.event?.id).toBe(forged.id);
      else if (rivals.length === 1) expect([forged.id, rivals[0]?.id]).toContain(found.event?.id);
      else expect(found).toMatchObject({ event: null, foundAt: { id: cover?.id } });
      if (rivals.length === 0) expect(found.among?.first).toBeLessThanOrEqual(index + 1);
    }));

  it('an event that was altered under a new hash is named, or stands among those that a checkpoint covers', () =>
    always(async ({ events, one }) => {
      const index = one % events.length;
      const altered = rehashed({ ...at(events, index), type: 'TagDeleted', data: { tag: 'other' } });
      fc.pre(altered.stream !== 'registry');
      const cover = coverOf(events, index);
      const verification = await verify(events.with(index, altered));
      if (followed(events, index)) {
        expect(verification).toMatchObject({ problem: { kind: 'altered', event: { id: altered.id } } });
      } else if (cover) {
        expect(verification).toMatchObject({ problem: { kind: 'rewritten', event: null, foundAt: { id: cover.id } } });
      } else {
        expect(verification.ok).toBe(true);
      }
    }));

  it('a changed revision is found at its event, under a new hash too', () =>
    always(async ({ events, one, other }) => {
      const index = one % events.length;
      const event = at(events, index);
      const changed = { ...event, revision: other % 50 };
      fc.pre(changed.revision !== event.revision);
      const foundAt = { id: event.id };
      expect(await problemIn(events.with(index, changed))).toMatchObject({ kind: 'altered', event: foundAt });
      expect(await problemIn(events.with(index, rehashed(changed)))).toMatchObject({ foundAt });
    }));

  it('events that changed places and positions are found if they share a stream or a checkpoint covers them', () =>
    always(async ({ events, one, other }) => {
      const [first, second] = [one % events.length, other % events.length];
      fc.pre(first !== second);
      const [here, there] = [at(events, first), at(events, second)];
      const swapped = events
        .with(first, { ...there, position: here.position })
        .with(second, { ...here, position: there.position });
      fc.pre(here.stream === there.stream || coverOf(events, Math.min(first, second)) !== undefined);
      expect((await verify(swapped)).ok).toBe(false);
    }));

  it('a cut-off end is found against a checkpoint that was kept elsewhere, as far as that reaches', () =>
    always(async ({ events, one }) => {
      const last = events.findLastIndex(({ type }) => type === 'LogCheckpointed');
      fc.pre(last >= 0);
      const { data } = at(events, last);
      if (!isCheckpoint(data)) throw new Error('not a checkpoint');
      const length = one % (events.length + 1);
      const rest = events.slice(0, length);
      expect(await verify(rest)).toMatchObject({ ok: true });
      const verification = await verify(rest, { checkpoint: checkpointText(data) });
      if (length > last) expect(verification.ok).toBe(true);
      else {
        const event = length === 0 ? null : { id: at(events, length - 1).id };
        expect(verification).toMatchObject({ problem: { kind: 'cut-off', event } });
      }
    }));
});
