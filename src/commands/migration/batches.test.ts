import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chained } from '../../../test/support/testLog.js';
import type { RecordedEvent } from '../../domain/shared/envelope.js';
import { position, type EventId, type StreamName } from '../../domain/shared/ids.js';
import { batches } from './batches.js';

/** What one command appended: to which stream, how many events, how many bytes each. */
type Append = { readonly stream: string; readonly events: number; readonly bytes?: number; readonly command?: string };

function logOf(appends: readonly Append[]): RecordedEvent[] {
  const log: RecordedEvent[] = [];
  const heads = new Map<string, RecordedEvent>();
  for (const [number, { stream, events, bytes = 10, command = `command ${number}` }] of appends.entries()) {
    for (let index = 0; index < events; index++) {
      const place = log.length + 1;
      const event = chained(heads.get(stream), {
        stream: stream as StreamName,
        id: `event-${place}` as EventId,
        position: position(place * 10),
        type: 'TagMoved',
        data: { text: 'x'.repeat(bytes) },
      });
      const metadata = { ...event.metadata, correlationId: command };
      heads.set(stream, event);
      log.push({ ...event, metadata });
    }
  }
  return log;
}

async function* from<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  await Promise.resolve();
  yield* items;
}

async function batched(log: readonly RecordedEvent[]): Promise<(readonly RecordedEvent[])[]> {
  const all: (readonly RecordedEvent[])[] = [];
  for await (const batch of batches(from(log))) all.push(batch);
  return all;
}

const sizes = async (appends: readonly Append[]): Promise<number[]> =>
  (await batched(logOf(appends))).map(({ length }) => length);

const jsonBytes = (batch: readonly RecordedEvent[]): number =>
  batch.reduce((sum, { data, metadata }) => sum + JSON.stringify(data).length + JSON.stringify(metadata).length, 0);

describe('a log in batches', () => {
  it('of a stream that was written to alone is few of them', async () => {
    expect(await sizes(Array.from({ length: 700 }, () => ({ stream: 'repository-a', events: 1 })))).toEqual([360, 340]);
  });

  it('changes the batch with the stream', async () => {
    const [a, b] = [
      { stream: 'repository-a', events: 2 },
      { stream: 'repository-b', events: 1 },
    ];
    expect(await sizes([a, b, b, a, a])).toEqual([2, 2, 4]);
    expect(await sizes([])).toEqual([]);
    expect(await sizes([a])).toEqual([2]);
  });

  it('never parts what one append wrote, though it is more than a batch', async () => {
    const small = { stream: 'repository-a', events: 1 };
    const large = { stream: 'repository-a', events: 60, bytes: 15_000 };
    expect(await sizes([small, large, small])).toEqual([1, 60, 1]);
    expect(await sizes([...Array.from({ length: 359 }, () => small), { ...small, events: 2 }])).toEqual([359, 2]);
  });

  it('parts what looks like one append and can have been none', async () => {
    const large = { stream: 'repository-a', events: 60, bytes: 15_000, command: 'one' };
    expect(await sizes([large, large])).toEqual([66, 54]);
  });

  it('is the same log, whatever it is', async () => {
    const append = fc.record({
      stream: fc.constantFrom('repository-a', 'repository-b', 'registry'),
      events: fc.integer({ min: 1, max: 40 }),
      bytes: fc.constantFrom(10, 2_000, 20_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(append, { maxLength: 30 }), async (appends) => {
        const log = logOf(appends);
        const found = await batched(log);
        expect(found.flat()).toEqual(log);
        for (const batch of found) {
          expect(new Set(batch.map(({ stream }) => stream)).size).toBe(1);
          expect(jsonBytes(batch)).toBeLessThanOrEqual(1024 * 1024);
        }
        const last = found.map((batch) => batch.at(-1)?.metadata.correlationId);
        const first = found.map(([event]) => event?.metadata.correlationId);
        expect(last.slice(0, -1).filter((command, index) => command === first[index + 1])).toEqual([]);
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
