import { BatchSize } from '../concurrency/batchSize.js';
import { upcast } from '../domain/catalogue.js';
import type { ProjectableEvent } from '../domain/shared/envelope.js';
import { laterPosition, type Position } from '../domain/shared/ids.js';
import type { DocumentWrite, Lane } from '../ports/documentStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import type { Handler, ProjectedEvent, Projection } from './projection.js';
import { BatchView } from './view.js';

/** Brings an event into the form that projections see. @throws EventFromTheFuture */
export function projected(event: ProjectableEvent): ProjectedEvent {
  const { type, data } = upcast(event);
  const { id, stream, revision, position, metadata } = event;
  return {
    id,
    type,
    data,
    stream,
    streamId: stream.slice(stream.indexOf('-') + 1),
    revision,
    position,
    at: metadata.at,
  };
}

/** A checkpoint that nothing depends on is written at the latest after so many events without a document. */
const IDLE_EVENTS = 10_000;

/** Feeds one lane with one projection, in log order; keeps what the lane has seen. */
export class LaneFeed {
  #unwritten = 0;

  private constructor(
    readonly projection: Projection,
    readonly lane: Lane,
    private seen: Position,
  ) {}

  static async open(projection: Projection, lane: Lane): Promise<LaneFeed> {
    return new LaneFeed(projection, lane, await lane.checkpoint());
  }

  /** Every event up to here has had its effect. */
  get position(): Position {
    return this.seen;
  }

  /** Applies a batch; events that the lane has seen already are passed over. */
  async apply(events: readonly ProjectedEvent[]): Promise<void> {
    const last = events.at(-1);
    if (!last || last.position <= this.seen) return;
    const work: [ProjectedEvent, Handler][] = [];
    for (const event of events) {
      const handler = this.projection.handlers[event.type];
      if (handler && event.position > this.seen) work.push([event, handler]);
    }
    this.#unwritten += events.length;
    const writes = work.length > 0 ? await this.#writesOf(work) : [];
    if (writes.length > 0 || this.#unwritten >= IDLE_EVENTS) await this.#commit(writes, last.position);
    this.seen = laterPosition(this.seen, last.position);
  }

  /** Goes on from what the lane has: when a commit failed it may have taken effect all the same. */
  async reopen(): Promise<void> {
    this.seen = await this.lane.checkpoint();
  }

  /** Writes the checkpoint down, so that a restart need not read again what had no effect. */
  async flush(): Promise<void> {
    if (this.#unwritten > 0) await this.#commit([], this.seen);
  }

  /** Notes that nothing up to a position (inclusive) concerns the lane. */
  async passOver(position: Position): Promise<void> {
    if (position <= this.seen) return;
    await this.#commit([], position);
    this.seen = position;
  }

  async #writesOf(work: readonly [ProjectedEvent, Handler][]): Promise<DocumentWrite[]> {
    const view = new BatchView();
    await view.load(
      this.lane,
      work.flatMap(([event, handler]) => handler.reads(event)),
    );
    for (const [event, handler] of work) handler.apply(event, view);
    return view.writes();
  }

  async #commit(writes: readonly DocumentWrite[], checkpoint: Position): Promise<void> {
    await this.lane.commit(writes, checkpoint);
    this.#unwritten = 0;
  }
}

/** Events that are read, and if nothing fails applied, in one go. */
const PAGE = 2_000;

/**
 * Feeds a lane from the log up to a position (inclusive). A store that does not answer in time is asked for less, until
 * a single event is too much.
 *
 * @param progressed told the position after each page, also after one that failed
 * @throws StoreUnavailable
 */
export async function catchUp(
  events: Pick<EventStore, 'readAll'>,
  feed: LaneFeed,
  until: Position,
  progressed?: (position: Position) => void,
): Promise<void> {
  const size = new BatchSize();
  while (feed.position < until) {
    const page = (await events.readAll(feed.position, PAGE)).filter(({ position }) => position <= until);
    if (page.length === 0) return;
    try {
      await size.inParts(page.map(projected), (part) => feed.apply(part));
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || size.isSmallest) throw error;
      await feed.reopen();
    }
    progressed?.(feed.position);
  }
}
