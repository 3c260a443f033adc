import type { Position } from '../domain/shared/ids.js';
import type { DocumentStore, Lane, LaneSpec } from '../ports/documentStore.js';
import type { EventStore } from '../ports/eventStore.js';
import { KeyedMutex } from '../concurrency/keyedMutex.js';
import { catchUp, LaneFeed, projected } from './feed.js';
import type { ProjectedEvent, Projection } from './projection.js';

export const laneSpec = ({ name, version, collections }: Projection): LaneSpec => ({
  projection: name,
  version,
  collections,
});

export type ProjectorOptions = {
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly projections: readonly Projection[];
  /** Called when a batch has had its effect on every lane, before anybody who waits for it goes on. */
  readonly applied?: (events: readonly ProjectedEvent[]) => void;
  readonly failed: (error: unknown) => void;
};

/** What was waited for will not come in this process. */
export class ProjectorClosed extends Error {
  constructor() {
    super('the projector was closed');
    this.name = 'ProjectorClosed';
  }
}

type Waiter = { readonly position: Position; readonly resolve: () => void; readonly reject: (error: unknown) => void };

const RETRY_MILLISECONDS = 200;

/** Feeds the active lanes of all projections from the log, each event once and in order. */
export class Projector {
  readonly #feeds = new Map<string, LaneFeed>();
  readonly #stop = new AbortController();
  readonly #turns = new KeyedMutex<'feed'>();
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #position: Position;

  private constructor(
    private readonly options: ProjectorOptions,
    feeds: readonly LaneFeed[],
  ) {
    for (const feed of feeds) this.#feeds.set(feed.projection.name, feed);
    this.#position = this.#lowest();
  }

  static async open(options: ProjectorOptions): Promise<Projector> {
    const feeds: LaneFeed[] = [];
    for (const projection of options.projections) {
      feeds.push(await LaneFeed.open(projection, await options.documents.active(laneSpec(projection))));
    }
    return new Projector(options, feeds);
  }

  /** Up to here every read model shows every event. */
  get position(): Position {
    return this.#position;
  }

  feed(projection: string): LaneFeed {
    const feed = this.#feeds.get(projection);
    if (!feed) throw new Error(`no projection is called ${projection}`);
    return feed;
  }

  start(): void {
    this.#running ??= this.#run();
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
      await catchUp(this.options.events, await LaneFeed.open(projection, build), position);
      this.#feeds.set(projection.name, await LaneFeed.open(projection, await activate()));
    });
  }

  /** Resolves when every read model has passed the position; rejects when the projector is closed before. */
  waitFor(position: Position): Promise<void> {
    if (this.#position >= position) return Promise.resolve();
    if (this.#stop.signal.aborted) return Promise.reject(new ProjectorClosed());
    return new Promise((resolve, reject) => this.#waiters.push({ position, resolve, reject }));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    try {
      await this.#running;
      for (const feed of this.#feeds.values()) await feed.flush();
    } finally {
      for (const { reject } of this.#waiters) reject(new ProjectorClosed());
      this.#waiters = [];
    }
  }

  /** A failure is told and tried again: an event is never passed over, neither by a read model nor by `applied`. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const batch of this.options.events.subscribeAll(this.#position, signal)) {
          await this.#apply(batch.map(projected));
        }
      } catch (error) {
        this.options.failed(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      }
    }
  }

  #apply(events: readonly ProjectedEvent[]): Promise<void> {
    return this.exclusively(() => this.#applyNow(events));
  }

  async #applyNow(events: readonly ProjectedEvent[]): Promise<void> {
    for (const feed of this.#feeds.values()) await feed.apply(events);
    this.options.applied?.(events);
    this.#position = this.#lowest();
    const ready = this.#waiters.filter(({ position }) => position <= this.#position);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter(({ position }) => position > this.#position);
    for (const { resolve } of ready) resolve();
  }

  #lowest(): Position {
    const positions = [...this.#feeds.values()].map((feed) => feed.position).sort();
    const [lowest] = positions;
    if (lowest === undefined) throw new Error('a projector needs projections');
    return lowest;
  }
}
