import {
  LogVerifier,
  type Verification,
  type VerifierOptions,
} from '../../src/domain/registry/verification/logVerifier.js';
import type { LogProblem } from '../../src/domain/registry/verification/problem.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { position } from '../../src/domain/shared/ids.js';
import { chained, streamName, testEventId, testKey, TestLog } from './testLog.js';

export function verify(events: readonly RecordedEvent[], options: VerifierOptions = {}): Verification {
  const verifier = new LogVerifier(options);
  for (const event of events) if (!verifier.take(event)) break;
  return verifier.finish();
}

export function problemIn(events: readonly RecordedEvent[], options: VerifierOptions = {}): LogProblem {
  const result = verify(events, options);
  if (result.ok) throw new Error('nothing was found');
  return result.problem;
}

export const KEY = testKey(1);
export const moved = { tag: 'latest' };

/**
 * Numbers from 1: the key, a1 b1 a2 (covered by the first checkpoint), b2 that comes while it is made, the checkpoint
 * itself (6), a3 c1 (7 and 8), a second checkpoint (9) that covers all before it, a4 b3 (10 and 11), uncovered.
 */
export function twoCheckpoints(): TestLog {
  const log = new TestLog().announce(KEY);
  for (const name of ['a', 'b', 'a', 'b']) log.append(`repository-${name}`, 'TagMoved', moved);
  log.checkpoint(1);
  for (const name of ['a', 'c']) log.append(`repository-${name}`, 'TagMoved', moved);
  log.checkpoint();
  for (const name of ['a', 'b']) log.append(`repository-${name}`, 'TagMoved', moved);
  return log;
}

/** An event that the log does not have, where it says; it follows `previous` in the stream, or begins it. */
export const forged = (
  previous: RecordedEvent | undefined,
  stream: string,
  place: number,
  but: Partial<Pick<RecordedEvent, 'id' | 'type' | 'data'>> = {},
): RecordedEvent =>
  chained(previous, {
    id: testEventId(97),
    type: 'TagMoved',
    data: moved,
    ...but,
    stream: streamName(stream),
    position: position(place),
  });

/** @param numbers from 1 */
export const without = (events: readonly RecordedEvent[], ...numbers: readonly number[]): RecordedEvent[] =>
  events.filter((_, index) => !numbers.includes(index + 1));

/** @param number from 1 */
export const replacing = (
  events: readonly RecordedEvent[],
  number: number,
  by: (event: RecordedEvent) => RecordedEvent,
): RecordedEvent[] => events.map((event, index) => (index + 1 === number ? by(event) : event));
