import { BACKWARDS, END, FORWARDS, START, StreamDeletedError, StreamNotFoundError } from '@eventstore/db-client';
import type { Position as LogPosition, StreamingRead } from '@eventstore/db-client';
import { asClientError, CALL_MILLISECONDS, noAnswer, repeated, unavailable } from './failures.js';
import type { LogClient } from './logClient.js';
import type { Resolved } from './recorded.js';

/**
 * Events as the engine gives them, page by page. Each page is one call to the leader, which is repeated where that
 * helps, and given up when the engine has been silent for `CALL_MILLISECONDS`.
 *
 * Every method throws StoreUnavailable.
 */
export class Pages {
  constructor(private readonly client: LogClient) {}

  /**
   * @param stream as the engine calls it
   * @param from inclusive
   */
  stream(stream: string, from: number, count: number): Promise<readonly Resolved[]> {
    const fromRevision = from === 0 ? START : BigInt(from);
    return page(() => this.client.readStream(stream, { fromRevision, maxCount: count, requiresLeader: true }));
  }

  async last(stream: string): Promise<Resolved | undefined> {
    const backwards = { direction: BACKWARDS, fromRevision: END, maxCount: 1, requiresLeader: true } as const;
    const [last] = await page(() => this.client.readStream(stream, backwards));
    return last;
  }

  /** @param from inclusive */
  allFrom(from: LogPosition | 'start', count: number): Promise<readonly Resolved[]> {
    const forwards = { direction: FORWARDS, fromPosition: from, maxCount: count, requiresLeader: true } as const;
    return page(() => this.client.readAll(forwards));
  }

  /** @param before exclusive */
  allBefore(before: LogPosition | 'end', count: number): Promise<readonly Resolved[]> {
    const backwards = { direction: BACKWARDS, fromPosition: before, maxCount: count, requiresLeader: true } as const;
    return page(() => this.client.readAll(backwards));
  }
}

async function page<Event extends Resolved>(read: () => StreamingRead<Event>): Promise<readonly Event[]> {
  try {
    return await repeated(() => collected(read()));
  } catch (error) {
    if (error instanceof StreamNotFoundError || error instanceof StreamDeletedError) return [];
    throw unavailable(error);
  }
}

async function collected<Event>(reading: StreamingRead<Event>): Promise<readonly Event[]> {
  // The client may tell of an error after nobody listens any more.
  reading.on('error', () => undefined);
  const silence = setTimeout(() => reading.destroy(noAnswer()), CALL_MILLISECONDS);
  const events: Event[] = [];
  try {
    for await (const event of reading) {
      events.push(event);
      silence.refresh();
    }
    return events;
  } catch (error) {
    // A call that was never begun rejects here as it did above.
    reading.cancel().catch(() => undefined);
    throw asClientError(error);
  } finally {
    clearTimeout(silence);
  }
}
