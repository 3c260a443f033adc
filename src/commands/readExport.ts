import { isUtf8 } from 'node:buffer';
import { problem, type EventPlace, type LogProblem } from '../domain/registry/verification/problem.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { LONGEST_LINE_BYTES, parseEvent, parseFooter, parseHeader, placeInLine } from './exportFormat.js';

/** A line is not what stands at its place in an export. */
export class ExportUnreadable extends Error {
  constructor(
    /** From 1. */
    readonly line: number,
    readonly reason: string,
    /** The event that the line was, as far as it tells. */
    readonly event: EventPlace | null = null,
    options?: ErrorOptions,
  ) {
    super(`line ${line} ${reason}`, options);
    this.name = 'ExportUnreadable';
  }

  toProblem(): LogProblem {
    return problem('unreadable', this.message, { event: this.event, foundAt: this.event, line: this.line });
  }
}

/**
 * The events of an export, read as a stream and tolerant of nothing: every line must be spelled as it is written.
 *
 * @param bytes as `openExport` gives them
 * @throws ExportUnreadable
 */
export async function* readExport(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RecordedEvent, void, undefined> {
  let number = 0;
  let ended = false;
  for await (const line of linesOf(bytes)) {
    number++;
    if (ended) throw new ExportUnreadable(number, 'stands after the footer');
    if (number === 1) {
      if (!parseHeader(line)) throw new ExportUnreadable(number, 'is not the header of an export in version 1');
      continue;
    }
    const event = parseEvent(line);
    if (event) yield event;
    else {
      assertFooter(line, number);
      ended = true;
    }
  }
  if (!ended) throw new ExportUnreadable(number + 1, 'is missing: the export is cut off before its footer');
}

function assertFooter(line: string, number: number): void {
  const footer = parseFooter(line);
  if (!footer) throw new ExportUnreadable(number, 'is not an event', placeInLine(line));
  const events = number - 2;
  if (footer.events !== events) {
    throw new ExportUnreadable(number, `says that there are ${footer.events} events, but ${events} came before it`);
  }
}

const LINE_FEED = 10;

/** @throws ExportUnreadable for a line that is too long, not ended, or not UTF-8, and for bytes that cannot be read */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let number = 1;
  // The beginning of a line whose end has not come yet.
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of readable(bytes, () => number)) {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    let start = 0;
    for (let end = buffer.indexOf(LINE_FEED); end >= 0; end = buffer.indexOf(LINE_FEED, start)) {
      const line = buffer.subarray(start, end);
      yield decoded(begunBytes === 0 ? line : Buffer.concat([...begun, line]), number);
      number++;
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start === buffer.length) continue;
    begun.push(buffer.subarray(start));
    begunBytes += buffer.length - start;
    if (begunBytes > LONGEST_LINE_BYTES)
      throw new ExportUnreadable(number, `is longer than ${LONGEST_LINE_BYTES} bytes`);
  }
  if (begunBytes > 0) throw new ExportUnreadable(number, 'is cut off');
}

/** Decoding is lenient; what is not UTF-8 must not be taken for the replacement character. */
function decoded(line: Buffer, number: number): string {
  if (!isUtf8(line)) throw new ExportUnreadable(number, 'is not UTF-8');
  return line.toString('utf8');
}

/** Compressed bytes that are damaged or cut off fail while they are read. Other failures are not the export's. */
async function* readable(
  bytes: AsyncIterable<Uint8Array>,
  line: () => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    if (!isDecompressionError(error)) throw error;
    throw new ExportUnreadable(line(), 'is not readable: the compressed bytes are damaged or cut off', null, {
      cause: error,
    });
  }
}

/** By the codes of zlib. */
const isDecompressionError = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('Z_');
