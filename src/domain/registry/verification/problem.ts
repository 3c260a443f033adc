import type { RecordedEvent } from '../../shared/envelope.js';

/**
 * What is wrong with a log:
 * - `altered`: an event is not the one that its hash, or the event after it, was made of.
 * - `removed`: an event of the log is not there any more.
 * - `reordered`: an event stands at another place than it did.
 * - `inserted`: an event was put in, or stands twice.
 * - `rewritten`: events that a checkpoint covers were altered or reordered together with their hashes.
 * - `cut-off`: the log ends before the checkpoint that was kept elsewhere.
 * - `checkpoint`, `key`: a checkpoint, or the announcement of a key, is not what it must be.
 * - `untrusted`: the key that was kept elsewhere vouches for nothing in the log.
 * - `unreadable`: a line of an export is not what an export consists of.
 */
export type ProblemKind =
  | 'altered'
  | 'removed'
  | 'reordered'
  | 'inserted'
  | 'rewritten'
  | 'cut-off'
  | 'checkpoint'
  | 'key'
  | 'untrusted'
  | 'unreadable';

/** An event by what is known of it; null: the log does not show it. */
export type EventPlace = {
  readonly id: string | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly position: string | null;
};

/** The first thing in log order that is wrong. */
export type LogProblem = {
  readonly kind: ProblemKind;
  /** One sentence for people, naming the event. */
  readonly message: string;
  /** The event at fault; null if it is only known to be one of many. */
  readonly event: EventPlace | null;
  /** Where it shows; null: at the end. */
  readonly foundAt: EventPlace | null;
  /** Numbers of the events, from 1 in log order and both inclusive, of which it is one: if only a checkpoint shows it. */
  readonly among: { readonly first: number; readonly last: number } | null;
  /** The line of the export, from 1, that could not be read. */
  readonly line: number | null;
};

export const placeOf = ({ id, stream, revision, position }: RecordedEvent): EventPlace => ({
  id,
  stream,
  revision,
  position,
});

export const problem = (
  kind: ProblemKind,
  message: string,
  where: Partial<Omit<LogProblem, 'kind' | 'message'>>,
): LogProblem => ({ kind, message, event: null, foundAt: null, among: null, line: null, ...where });

/** `event <id> (revision 3 of repository-…, position …)`, as far as it is known. */
export function named({ id, stream, revision, position }: EventPlace): string {
  const where = [
    ...(stream === null ? [] : [revision === null ? stream : `revision ${revision} of ${stream}`]),
    ...(position === null ? [] : [`position ${position}`]),
  ].join(', ');
  if (id === null) return where;
  return where === '' ? `event ${id}` : `event ${id} (${where})`;
}
