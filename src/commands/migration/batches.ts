import type { RecordedEvent } from '../../domain/shared/envelope.js';

/** What one append takes in JSON (see `EventStore.append`), in bytes. */
const LARGEST_BYTES = 1024 * 1024;
/** Appends of one stream are put together up to here: beyond it nothing becomes faster. */
const BATCH_BYTES = 256 * 1024;
const BATCH_EVENTS = 500;

type Run = { readonly events: RecordedEvent[]; bytes: number };

/**
 * A log in pieces that can be appended one after the other: events of one stream that stand side by side in the log.
 *
 * What one append wrote together stays together: nobody shall ever see a part of it. The log does not tell where an
 * append ended; but one append is one command in one stream at one moment. More may be taken for one, never less, as
 * long as one append can hold it.
 */
export async function* batches(
  events: AsyncIterable<RecordedEvent>,
): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
  let whole: Run = nothing();
  let run: Run = nothing();
  for await (const event of events) {
    const bytes = bytesOf(event);
    if (isOneAppend(run.events.at(-1), event) && run.bytes + bytes <= LARGEST_BYTES) {
      run.events.push(event);
      run.bytes += bytes;
      continue;
    }
    if (!canJoin(whole, run)) {
      if (whole.events.length > 0) yield whole.events;
      whole = nothing();
    }
    whole = joined(whole, run);
    run = { events: [event], bytes };
  }
  if (!canJoin(whole, run)) {
    yield whole.events;
    whole = nothing();
  }
  const last = joined(whole, run).events;
  if (last.length > 0) yield last;
}

const nothing = (): Run => ({ events: [], bytes: 0 });

const bytesOf = ({ data, metadata }: RecordedEvent): number =>
  Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata));

const isOneAppend = (before: RecordedEvent | undefined, event: RecordedEvent): boolean =>
  before?.stream === event.stream &&
  before.metadata.correlationId === event.metadata.correlationId &&
  before.metadata.at === event.metadata.at;

function canJoin(whole: Run, run: Run): boolean {
  const [last] = whole.events;
  const [next] = run.events;
  if (!last || !next) return true;
  return (
    last.stream === next.stream &&
    whole.bytes + run.bytes <= BATCH_BYTES &&
    whole.events.length + run.events.length <= BATCH_EVENTS
  );
}

const joined = (whole: Run, run: Run): Run => ({
  events: [...whole.events, ...run.events],
  bytes: whole.bytes + run.bytes,
});
