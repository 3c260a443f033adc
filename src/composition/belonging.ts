import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** Which log the records beside it are of. Never copied: those of a copy are of another log. */
const INSTALLATION = 'installation';
const LOG = 'log';

type LogRecord = { readonly streamPrefix: string | null };

/**
 * Leases, places, contents and read models are of one log: beside another one they would be believed all the same. So
 * the first process writes down which one it is, and others are refused.
 *
 * @param where the database of the records, for the message
 * @throws Error in one line if they belong to the streams of another prefix; `StoreUnavailable`
 */
export async function assertBelonging(
  operational: OperationalStore,
  streamPrefix: string | undefined,
  where: string,
): Promise<void> {
  const value: LogRecord = { streamPrefix: streamPrefix ?? null };
  for (;;) {
    const record = await operational.get<LogRecord>(INSTALLATION, LOG);
    if (record) {
      if (record.value.streamPrefix === value.streamPrefix) return;
      throw new Error(
        `the records in ${where} are of streams ${named(record.value)}, and not of those ${named(value)} ` +
          '(EVENTSTORE_STREAM_PREFIX): another registry needs a MONGODB_DATABASE, a KAFKA_TOPIC_PREFIX and a place for ' +
          'blobs of its own',
      );
    }
    try {
      await operational.write([{ kind: 'put', collection: INSTALLATION, key: LOG, value, expected: 0 }]);
      return;
    } catch (error) {
      // Another process wrote it first.
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}

const named = ({ streamPrefix }: LogRecord): string =>
  streamPrefix === null ? 'without a prefix' : `with the prefix ${streamPrefix}`;
