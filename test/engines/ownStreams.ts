import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { START, type Position, type StreamName } from '../../src/domain/shared/ids.js';
import type { EventStore } from '../../src/ports/eventStore.js';

/**
 * A log of a test's own in a log that others use, too: its streams have another beginning there, and of all others it
 * sees nothing.
 */
export function ownStreams(events: EventStore, name: string): EventStore {
  const beginning = `${name}.`;
  const inside = (stream: StreamName): StreamName => `${beginning}${stream}` as StreamName;
  const outside = (event: RecordedEvent): RecordedEvent => ({
    ...event,
    stream: event.stream.slice(beginning.length) as StreamName,
  });
  const ours = (page: readonly RecordedEvent[]): RecordedEvent[] =>
    page.filter(({ stream }) => stream.startsWith(beginning)).map(outside);

  /** Where the log was when it was last looked at, so that it is not read from its first event on each time. */
  let from: Position | undefined;

  async function readAll(after: Position, limit: number): Promise<readonly RecordedEvent[]> {
    for (let cursor = after > (from ?? START) ? after : (from ?? START); ;) {
      const page = await events.readAll(cursor, limit);
      const last = page.at(-1);
      if (!last) return [];
      const found = ours(page);
      if (found.length > 0) return found;
      cursor = last.position;
    }
  }

  return {
    append: async (stream, appended, expected) => {
      from ??= await events.end();
      return events.append(inside(stream), appended, expected);
    },
    async *read(stream, revision) {
      for await (const event of events.read(inside(stream), revision)) yield outside(event);
    },
    readLast: async (stream) => {
      const last = await events.readLast(inside(stream));
      return last && outside(last);
    },
    readAll,
    end: async () => {
      from ??= await events.end();
      let end = START;
      for (let page = await readAll(START, 1_000); page.length > 0; page = await readAll(end, 1_000)) {
        end = page.at(-1)?.position ?? end;
      }
      return end;
    },
    async *subscribeAll(after, signal) {
      for await (const batch of events.subscribeAll(after, signal)) {
        const found = ours(batch);
        if (found.length > 0) yield found;
      }
    },
  };
}
