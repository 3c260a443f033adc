import { openReadOnlyEvents } from '../adapters/eventstore/readOnly.js';
import type { Config } from '../config/config.js';
import { START } from '../domain/shared/ids.js';
import type { EventStore } from '../ports/eventStore.js';
import { existingLog, whereabouts } from './offline.js';

/** The log, for who only reads it. */
export type ReadableLog = Pick<EventStore, 'readAll' | 'end'> & {
  /** How many events there are, where the engine knows that without reading them. */
  eventCount(): Promise<number | undefined>;
};

/**
 * Lets a command read the log beside whoever writes to it.
 *
 * @throws StoreUnavailable if the engine cannot be reached; Error if there is no log
 */
export async function withLog<Result>(config: Config, read: (log: ReadableLog) => Promise<Result>): Promise<Result> {
  const events = config.EVENT_STORE === 'embedded' ? ownLog(config) : await logOnEngine(config);
  try {
    return await read(events);
  } finally {
    await events.close();
  }
}

/**
 * A log on an engine of which there is nothing: a wrong prefix looks the same, and is told by nothing else to who reads.
 *
 * @returns for people; undefined: there are events, or the log lies in a folder, which is there or not
 */
export async function nothingThere(config: Config, log: ReadableLog): Promise<string | undefined> {
  if (config.EVENT_STORE === 'embedded' || (await log.readAll(START, 1)).length > 0) return undefined;
  return `there is no event in the log ${await whereabouts(config)}: is EVENTSTORE_STREAM_PREFIX right?`;
}

type Closable = ReadableLog & { close(): void | Promise<void> };

function ownLog(config: Config): Closable {
  const events = openReadOnlyEvents(existingLog(config));
  // The embedded log counts its events.
  return { ...events, eventCount: async () => Number(await events.end()) };
}

async function logOnEngine(config: Config): Promise<Closable> {
  const { openLogOnEngine } = await import('./distributed.js');
  const events = await openLogOnEngine(config);
  return {
    readAll: (after, limit) => events.readAll(after, limit),
    end: () => events.end(),
    eventCount: () => Promise.resolve(undefined),
    close: () => events.close(),
  };
}
