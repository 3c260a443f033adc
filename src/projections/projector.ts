import { laterPosition, START, type Position } from '../domain/shared/ids.js';
import type { DocumentStore, Lane, LaneSpec } from '../ports/documentStore.js';
import { CheckpointRegressed } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import { BatchSize } from '../concurrency/batchSize.js';
import { KeyedMutex } from '../concurrency/keyedMutex.js';
import { catchUp, LaneFeed, projected } from './feed.js';
import type { ProjectedEvent, Projection } from './projection.js';
import { ReadModelsClosed, type AppliedListener, type ReadModels } from './readModels.js';
import { Waiters } from './waiters.js';

export const laneSpec = ({ name, version, collections }: Projection): LaneSpec => ({
  projection: name,
  version,
  collections,
});

export type ProjectorOptions = {
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly projections: readonly Projection[];
  /** Tells other processes how far every read model is, before anybody here who waits for it goes on. */
  readonly passed?: (position: Position) => Promise<void>;
  /** Called before anything is fed to lanes that were opened, or put in the place of others. */
  readonly opened?: () => Promise<void>;
  readonly failed: (error: unknown) => void;
};

const RETRY_MILLISECONDS = 200;

/** Feeds the active lanes of all projections from the log, each event once and in order. */
export class Projector implements ReadModels {
  readonly #feeds = new Map<string, LaneFeed>();
  readonly #stop = new AbortController();
  readonly #turns = new KeyedMutex<'feed'>();
  readonly #waiters = new Waiters();
  /** Who was overtaken has not done too much. */
  readonly #size = new BatchSize((error) => !(error instanceof CheckpointRegressed));
  readonly #listeners: AppliedListener[] = [];
  #running: Promise<void> | undefined;
  #position: Position;
  #answering = true;
  /** Whether others know of the lanes that are fed. */
  #told = true;

  private constructor(
    private readonly options: ProjectorOptions,
    feeds: readonly LaneFeed[],
  ) {
    for (const feed of feeds) this.#feeds.set(feed.projection.name, feed);
    this.#position = this.#lowest();
  }

  static async open(options: ProjectorOptions): Promise<Projector> {
    const feeds = await openFeeds(options);
    await options.opened?.();
    return new Projector(options, feeds);
  }

  /** Up to here every read model shows every event. */
  get position(): Position {
    return this.#position;
  }

  get answering(): boolean {
    return this.#answering;
  }

  feed(projection: string): LaneFeed {
    const feed = this.#feeds.get(projection);
    if (!feed) throw new Error(`no projection is called ${projection}`);
    return feed;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  onApplied(listener: AppliedListener): void {
    this.#listeners.push(listener);
  }

  /** Runs a task between two batches: nothing is fed meanwhile, and writers wait. */
  exclusively<Result>(task: (position: Position) => Promise<Result>): Promise<Result> {
    return this.#turns.run('feed', () => task(this.#position));
  }

  /**
   * Puts a build in the place of a projection's present lane: it is fed up to where the others are and made the active
   * one.
   *
   * @param activate answers the lane that is active from then on
   */
  replace(projection: Projection, build: Lane, activate: () => Promise<Lane>): Promise<void> {
    return this.exclusively(async (position) => {
      const feed = await LaneFeed.open(projection, build);
      // The lane itself may be ahead of the others.
      await catchUp(this.options.events, feed, laterPosition(position, this.feed(projection.name).position));
      await feed.flush();
      this.#feeds.set(projection.name, await LaneFeed.open(projection, await activate()));
      await this.#tell();
    });
  }

  waitFor(position: Position, patience?: number): Promise<void> {
    if (this.#position >= position) return Promise.resolve();
    if (this.#stop.signal.aborted) return Promise.reject(new ReadModelsClosed());
    return this.#waiters.add(position, patience);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    try {
      await this.#running;
      // Side by side: another process waits for its turn.
      const flushed = await Promise.allSettled([...this.#feeds.values()].map((feed) => feed.flush()));
      for (const each of flushed) if (each.status === 'rejected') throw each.reason;
    } finally {
      this.#waiters.reject(new ReadModelsClosed());
    }
  }

  /** A failure is told and tried again: an event is never passed over, neither by a read model nor by `applied`. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.options.passed?.(this.#position);
        this.#answering = true;
        for await (const batch of this.options.events.subscribeAll(this.#from(), signal)) {
          await this.#size.inParts(batch.map(projected), (part) => this.#apply(part));
        }
      } catch (error) {
        if (error instanceof CheckpointRegressed) {
          await this.#reopen();
          continue;
        }
        this.#answering = false;
        this.options.failed(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      }
    }
  }

  /** Somebody else has fed a lane, or put another in its place: what we know of it is not true any more. */
  async #reopen(): Promise<void> {
    try {
      await this.exclusively(async () => {
        for (const feed of await openFeeds(this.options)) this.#feeds.set(feed.projection.name, feed);
        await this.#tell();
      });
    } catch (error) {
      this.options.failed(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  }

  async #tell(): Promise<void> {
    this.#told = false;
    await this.options.opened?.();
    this.#told = true;
  }

  #apply(events: readonly ProjectedEvent[]): Promise<void> {
    return this.exclusively(() => this.#applyNow(events));
  }

  /** Side by side: an engine that is far away is waited for once, not once for each read model. */
  async #applyNow(events: readonly ProjectedEvent[]): Promise<void> {
    if (!this.#told) await this.#tell();
    const fed = await Promise.allSettled([...this.#feeds.values()].map((feed) => feed.apply(events)));
    for (const each of fed) if (each.status === 'rejected') throw each.reason;
    for (const listener of this.#listeners) listener(events);
    // Lanes may be further already, of which nobody has been told.
    const position = laterPosition(this.#position, events.at(-1)?.position ?? START);
    await this.options.passed?.(position);
    this.#position = position;
    this.#waiters.passed(position);
  }

  /** What a lane lacks, and what the listeners or the other processes have not been told. */
  #from(): Position {
    const lowest = this.#lowest();
    return lowest < this.#position ? lowest : this.#position;
  }

  #lowest(): Position {
    const positions = [...this.#feeds.values()].map((feed) => feed.position).sort();
    const [lowest] = positions;
    if (lowest === undefined) throw new Error('a projector needs projections');
    return lowest;
  }
}

/** Side by side: until they are open nobody feeds them. */
const openFeeds = ({ projections, documents }: ProjectorOptions): Promise<LaneFeed[]> =>
  Promise.all(
    projections.map(async (projection) => LaneFeed.open(projection, await documents.active(laneSpec(projection)))),
  );
