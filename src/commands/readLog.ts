import { setImmediate } from 'node:timers/promises';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { START, type Position } from '../domain/shared/ids.js';
import type { EventStore } from '../ports/eventStore.js';

const PAGE = 256;

/** The log strictly after a position, in log order, up to the end that it has when reading begins. */
export async function* readLog(
  events: Pick<EventStore, 'readAll' | 'end'>,
  after: Position = START,
): AsyncGenerator<RecordedEvent, void, undefined> {
  const end = await events.end();
  for (let cursor = after; cursor < end;) {
    const page = await events.readAll(cursor, PAGE);
    const last = page.at(-1);
    if (!last) return;
    for (const event of page) {
      if (event.position > end) return;
      yield event;
    }
    cursor = last.position;
    // An engine in this process answers without waiting: others must have their turn.
    await setImmediate();
  }
}
