import type { RecordedEvent } from '../../domain/shared/envelope.js';
import { LogVerifier, type Verification } from '../../domain/registry/verification/logVerifier.js';
import type { EventStore } from '../../ports/eventStore.js';
import { readLog } from '../readLog.js';
import { MigrationRefused } from './refusals.js';

/** A log from its first event on, each one proven before it is given. */
export type ProvenLog = {
  readonly events: AsyncGenerator<RecordedEvent, void, undefined>;
  /** What was proven; to be asked at the end. */
  verification(): Verification;
};

/** @param whose what a message calls it. The events throw MigrationRefused at the first one that is not as it was written. */
export function provenLog(events: EventStore, whose: string): ProvenLog {
  const verifier = new LogVerifier();
  const check = (): Verification => {
    const verification = verifier.finish();
    if (verification.ok) return verification;
    throw new MigrationRefused(`the log of ${whose} is not whole: ${verification.problem.message}`);
  };
  async function* proven(): AsyncGenerator<RecordedEvent, void, undefined> {
    for await (const event of readLog(events)) {
      if (!verifier.take(event)) check();
      yield event;
    }
    check();
  }
  return { events: proven(), verification: check };
}

/** Two events that are the same one in two logs. What they say is covered by the hash. */
const isSame = (one: RecordedEvent, other: RecordedEvent): boolean =>
  one.id === other.id &&
  one.stream === other.stream &&
  one.revision === other.revision &&
  one.metadata.hash === other.metadata.hash;

/** An event as it stands in both logs. */
export type Twins = { readonly source: RecordedEvent; readonly target: RecordedEvent };

/**
 * Goes through both logs side by side, as far as the target's goes. Of the source's exactly those are taken that the
 * target has.
 *
 * @throws MigrationRefused where the target has another event, or more of them
 */
export async function* sideBySide(
  source: AsyncIterator<RecordedEvent>,
  target: AsyncIterable<RecordedEvent>,
): AsyncGenerator<Twins, void, undefined> {
  let count = 0;
  for await (const event of target) {
    const next = await source.next();
    const where = `${event.type} ${event.id} of ${event.stream}`;
    if (next.done === true) {
      throw new MigrationRefused(
        `the target has been written to since it was copied: behind the ${count} events of the source it has ${where}`,
      );
    }
    count++;
    if (!isSame(next.value, event)) {
      throw new MigrationRefused(
        `the target is no copy of the source: its event number ${count} is ${where}, ` +
          'which the source has not in that place. Begin with an empty one',
      );
    }
    yield { source: next.value, target: event };
  }
}
