import { START } from '../domain/shared/ids.js';
import { VersionConflict } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** Which log the records beside it are of. Never copied: those of a copy are of another log. */
const INSTALLATION = 'installation';
const LOG = 'log';

/** What is beside the records. */
export type Beside = {
  readonly events: Pick<EventStore, 'readAll'>;
  /** Whether there is any key or secret. */
  readonly hasKeys: () => Promise<boolean>;
};

type LogRecord = { readonly streamPrefix: string | null };

/**
 * Leases, places, contents and read models are of one log: beside another one they would be believed all the same. So
 * the first process writes down which one it is, and others are refused. What an event needs is durable before it, its
 * keys as well: a log that has events where nothing was ever written down and no key is belongs to another registry, and
 * what is written to it could not be read there.
 *
 * @param where the database of the records, for the message
 * @throws Error in one line if they belong to the streams of another prefix, or the log to others; `StoreUnavailable`
 */
export async function assertBelonging(
  operational: OperationalStore,
  streamPrefix: string | undefined,
  where: string,
  beside: Beside,
): Promise<void> {
  const value: LogRecord = { streamPrefix: streamPrefix ?? null };
  for (;;) {
    const record = await operational.get<LogRecord>(INSTALLATION, LOG);
    if (record) {
      if (record.value.streamPrefix === value.streamPrefix) return;
      throw new Error(
        `the records in ${where} are of streams ${named(record.value)}, and not of those ${named(value)}: if this is ` +
          `the same registry, ${goingBack(record.value)}; another one needs a MONGODB_DATABASE, a KAFKA_TOPIC_PREFIX ` +
          'and a place for blobs of its own',
      );
    }
    await assertOwnLog(value, where, beside);
    try {
      await operational.write([{ kind: 'put', collection: INSTALLATION, key: LOG, value, expected: 0 }]);
      return;
    } catch (error) {
      // Another process wrote it first.
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}

/** The log is looked at first: another process that begins at the same time makes keys before its first event. */
async function assertOwnLog(log: LogRecord, where: string, { events, hasKeys }: Beside): Promise<void> {
  if ((await events.readAll(START, 1)).length === 0 || (await hasKeys())) return;
  throw new Error(
    `the log of streams ${named(log)} has events, and ${where} no keys for them: if another registry writes it, give this ` +
      'one an EVENTSTORE_STREAM_PREFIX of its own; else name its MONGODB_DATABASE, or restore its keys first',
  );
}

const named = ({ streamPrefix }: LogRecord): string =>
  streamPrefix === null ? 'without a prefix' : `with the prefix ${streamPrefix}`;

const goingBack = ({ streamPrefix }: LogRecord): string =>
  streamPrefix === null ? 'remove EVENTSTORE_STREAM_PREFIX' : `set EVENTSTORE_STREAM_PREFIX back to ${streamPrefix}`;
