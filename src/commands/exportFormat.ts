import type { EventMetadata, RecordedEvent } from '../domain/shared/envelope.js';
import type { EventId, Position, StreamName } from '../domain/shared/ids.js';
import { isJsonObject, type JsonObject } from '../domain/shared/json.js';
import { timestamp, type Timestamp } from '../domain/shared/time.js';
import type { EventPlace } from '../domain/registry/verification/problem.js';

/**
 * An export of the log: JSON lines (UTF-8, each ended by a line feed). The first line is the header, the last one the
 * footer, and each between them an event in log order. Every line is spelled as `JSON.stringify` spells it, members in
 * the order given here, so that a line has one spelling and no byte can change unseen.
 */
export type ExportHeader = {
  readonly format: 'tidemark-events';
  readonly version: 1;
  /** When the export began. */
  readonly exportedAt: Timestamp;
};

export type ExportFooter = { readonly events: number };

/** Longer than any event may be (64 KiB of JSON): a reader need not keep more. */
export const LONGEST_LINE_BYTES = 1024 * 1024;

export const headerLine = (exportedAt: Timestamp): string =>
  JSON.stringify({ format: 'tidemark-events', version: 1, exportedAt } satisfies ExportHeader);

export const footerLine = (events: number): string => JSON.stringify({ events } satisfies ExportFooter);

export const eventLine = ({ position, stream, revision, id, type, data, metadata }: RecordedEvent): string =>
  JSON.stringify({ position, stream, revision, id, type, data, metadata });

const EVENT_MEMBERS = 7;
const POSITION = /^\d{20}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;

/** @returns undefined if the line is not a header as `headerLine` spells it */
export function parseHeader(line: string): ExportHeader | undefined {
  const value = parsed(line);
  const exportedAt = isJsonObject(value) ? value['exportedAt'] : undefined;
  const moment = typeof exportedAt === 'string' ? Date.parse(exportedAt) : NaN;
  if (Number.isNaN(moment) || headerLine(timestamp(moment)) !== line) return undefined;
  return { format: 'tidemark-events', version: 1, exportedAt: timestamp(moment) };
}

/** @returns undefined if the line is not a footer as `footerLine` spells it */
export function parseFooter(line: string): ExportFooter | undefined {
  const value = parsed(line);
  const events = isJsonObject(value) ? value['events'] : undefined;
  if (typeof events !== 'number' || !Number.isSafeInteger(events) || footerLine(events) !== line) return undefined;
  return { events };
}

/** @returns undefined if the line is not an event as `eventLine` spells it */
export function parseEvent(line: string): RecordedEvent | undefined {
  const event = parsed(line);
  return isRecordedEvent(event) && eventLine(event) === line ? event : undefined;
}

/** What a line that is no event says about the event that it was, if its beginning is whole. */
export function placeInLine(line: string): EventPlace | null {
  const found = /^\{"position":"(\d{20})","stream":"([^"\\]+)","revision":(\d{1,15}),"id":"([0-9a-f-]{36})"/.exec(line);
  if (!found) return null;
  const [, position = null, stream = null, revision = '', id = null] = found;
  return { id, stream, revision: Number(revision), position };
}

function isRecordedEvent(value: unknown): value is RecordedEvent {
  return (
    isJsonObject(value) &&
    Object.keys(value).length === EVENT_MEMBERS &&
    isPosition(value['position']) &&
    isStreamName(value['stream']) &&
    isRevision(value['revision']) &&
    isEventId(value['id']) &&
    typeof value['type'] === 'string' &&
    isJsonObject(value['data']) &&
    isMetadata(value['metadata'])
  );
}

const isPosition = (value: unknown): value is Position => typeof value === 'string' && POSITION.test(value);
const isStreamName = (value: unknown): value is StreamName => typeof value === 'string' && value !== '';
const isEventId = (value: unknown): value is EventId => typeof value === 'string' && UUID.test(value);
const isRevision = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** What verification looks at; whether the rest is as it was, the hash tells. */
function isMetadata(value: unknown): value is EventMetadata & JsonObject {
  if (!isJsonObject(value)) return false;
  const { hash, prevHash } = value;
  return (
    typeof value['at'] === 'string' &&
    typeof hash === 'string' &&
    HASH.test(hash) &&
    (prevHash === null || (typeof prevHash === 'string' && HASH.test(prevHash)))
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
