import type { RecordedEvent } from '../../shared/envelope.js';
import type { Position } from '../../shared/ids.js';
import { named, placeOf, problem, type EventPlace, type LogProblem } from './problem.js';
import { placeOfHead, type ChainFault, type Head, type StreamChains } from './streamChains.js';

/**
 * Something is wrong, and what comes later in the log may tell what it is: an event that is missing here was removed,
 * unless it stands further on.
 */
export interface Suspicion {
  /** What it is if nothing later tells more. */
  readonly verdict: LogProblem;
  /** @returns what it is, if this event settles it */
  look(event: RecordedEvent): LogProblem | undefined;
}

const isAt = (event: RecordedEvent, { stream, revision }: EventPlace): boolean =>
  event.stream === stream && event.revision === revision;

/** Of two events whose positions do not rise, the one behind fits in where the other stands. */
const cameEarly = (event: RecordedEvent, before: Position, next: RecordedEvent): boolean =>
  next.position < event.position && next.position > before;

/**
 * Positions do not rise from `event` to `next`: one came too early or the other too late.
 *
 * @param before position of the event before the two
 */
export const disordered = (event: RecordedEvent, before: Position, next: RecordedEvent): Suspicion =>
  displaced(placeOf(cameEarly(event, before, next) ? event : next), placeOf(next));

/** The event stands where its position does not let it; if it stands at its own place too, this one is a copy. */
function displaced(event: EventPlace, foundAt: EventPlace): Suspicion {
  const where = { event, foundAt };
  return {
    verdict: problem('reordered', `${named(event)} stands out of the order of positions`, where),
    look: (later) =>
      isAt(later, event)
        ? problem(
            'inserted',
            `${named(event)} stands here, out of order, and again at position ${later.position}`,
            where,
          )
        : undefined,
  };
}

/**
 * Revisions before `event` were not seen: removed, or further on, or the event itself was moved to before them.
 *
 * @param before position of the event before it in the log
 */
export function missing(revision: number, event: RecordedEvent, before: Position): Suspicion {
  const foundAt = placeOf(event);
  const removed: EventPlace = { id: null, stream: event.stream, revision, position: null };
  let moved: Suspicion | undefined;
  let next = true;
  return {
    get verdict() {
      return moved?.verdict ?? problem('removed', removedMessage(removed, event), { event: removed, foundAt });
    },
    look(later) {
      if (next && cameEarly(event, before, later)) moved = displaced(foundAt, foundAt);
      next = false;
      if (moved) return moved.look(later);
      if (!isAt(later, removed)) return undefined;
      const late = placeOf(later);
      return problem('reordered', `${named(late)} stands after ${named(foundAt)}, which followed it`, {
        event: late,
        foundAt,
      });
    },
  };
}

function removedMessage({ stream, revision }: EventPlace, { id, revision: found, position }: RecordedEvent): string {
  const last = found - 1;
  const gone =
    revision === last ? `revision ${last} of ${stream} is` : `revisions ${revision} to ${last} of ${stream} are`;
  return `${gone} missing before event ${id} (revision ${found}, position ${position})`;
}

/** Two events claim one revision; the stream's next event links to the one that was there first. */
export function rival(head: Head, event: RecordedEvent): Suspicion {
  const first = placeOfHead(event.stream, head);
  const second = placeOf(event);
  const inserted = (wrong: EventPlace, right: EventPlace): LogProblem =>
    problem('inserted', `${named(wrong)} stands beside ${named(right)}: a revision has one event`, {
      event: wrong,
      foundAt: second,
    });
  return {
    verdict: inserted(second, first),
    look: (later) => {
      if (later.stream !== event.stream || later.revision !== event.revision + 1) return undefined;
      return later.metadata.prevHash === event.metadata.hash ? inserted(first, second) : inserted(second, first);
    },
  };
}

/** The event follows another one than the one that it was made to follow: that one has been replaced. */
export function brokenLink(head: Head | undefined, event: RecordedEvent): LogProblem {
  const foundAt = placeOf(event);
  if (!head) {
    return problem('altered', `${named(foundAt)} is its stream's first event, but links to one before it`, {
      event: foundAt,
      foundAt,
    });
  }
  const replaced = placeOfHead(event.stream, head);
  return problem('altered', `${named(replaced)} is not the event that ${named(foundAt)} was made to follow`, {
    event: replaced,
    foundAt,
  });
}

/**
 * Only a checkpoint shows it: no stream's chain is broken up to there. What comes later may show which of the covered
 * events it is: one that stands after the checkpoint although its position does not, or a stream that goes on.
 *
 * @param verdict of kind `removed`, `inserted` or `rewritten`
 * @param before position of the event before the checkpoint in the log
 */
export function amongCovered(
  verdict: LogProblem,
  checkpoint: RecordedEvent,
  before: Position,
  chains: StreamChains,
): Suspicion {
  let closer: Suspicion | undefined;
  let last = checkpoint;
  const withDetail = (detail: LogProblem): LogProblem => ({
    ...detail,
    foundAt: verdict.foundAt,
    among: verdict.among,
    message: `${verdict.message}: ${detail.message}`,
  });
  return {
    get verdict() {
      return closer ? withDetail(closer.verdict) : verdict;
    },
    look(event) {
      if (closer) {
        const found = closer.look(event);
        return found && withDetail(found);
      }
      if (event.position <= checkpoint.position) {
        closer =
          last === checkpoint ? disordered(checkpoint, before, event) : displaced(placeOf(event), placeOf(event));
        return undefined;
      }
      const fault = chains.follow(event);
      closer = fault && closerLook(verdict, fault, event, last.position);
      if (fault && !closer) chains.accept(event);
      last = event;
      return undefined;
    },
  };
}

function closerLook(
  { kind }: LogProblem,
  fault: ChainFault,
  event: RecordedEvent,
  before: Position,
): Suspicion | undefined {
  if (kind === 'removed' && fault.kind === 'gap') return missing(fault.missing, event, before);
  if (kind === 'rewritten' && fault.kind === 'link') return settled(brokenLink(fault.head, event));
  if (kind !== 'inserted' || fault.kind !== 'rival') return undefined;
  const inserted = placeOfHead(event.stream, fault.head);
  const message = `${named(inserted)} stands beside ${named(placeOf(event))}`;
  return settled(problem('inserted', message, { event: inserted, foundAt: placeOf(event) }));
}

const settled = (verdict: LogProblem): Suspicion => ({ verdict, look: () => verdict });
