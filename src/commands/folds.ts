import { LRUCache } from 'lru-cache';
import { upcast } from '../domain/catalogue.js';
import type { EventEnvelope, RecordedEvent } from '../domain/shared/envelope.js';
import type { Aggregate, DomainEvent, Happened } from '../domain/shared/event.js';
import { START, type Position, type StreamName } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { EventStore } from '../ports/eventStore.js';
import type { SnapshotStore } from '../ports/snapshotStore.js';

/** A stream as it stands: the fold of its events and what the next event must link to. */
export type Fold<State> = {
  state: State;
  revision: number;
  /** Of the last event; `START` without one. */
  position: Position;
  hash: string | null;
  at: Timestamp | undefined;
  /** Revision of the snapshot that is kept of it; -1 if there is none. */
  snapshot: number;
};

export type FoldsOptions = {
  readonly events: EventStore;
  readonly snapshots?: SnapshotStore;
  readonly cachedStreams?: number;
  /** Events after which a long stream gets its first snapshot. */
  readonly snapshotEvents?: number;
  /** What goes wrong with snapshots harms nobody but should be known. */
  readonly failed?: (error: unknown) => void;
};

const REMEMBERED = 5_000;
/** A stream gets a new snapshot when it has grown by so many events and by a fourth: each costs as much as its state. */
const SNAPSHOT_EVENTS = 2_000;
const SNAPSHOT_GROWTH = 1.25;

/** Streams as they stand. The cache saves the fold, never the read to the end. */
export class Folds {
  readonly #folds: LRUCache<StreamName, Fold<unknown>>;

  constructor(private readonly options: FoldsOptions) {
    this.#folds = new LRUCache({ max: options.cachedStreams ?? REMEMBERED });
  }

  /** The fold of a stream, read to its end. */
  async read<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
  ): Promise<Fold<State>> {
    // The stream's category fixes the aggregate, and with it the type of its fold.
    const cached = this.#folds.get(stream) as Fold<State> | undefined;
    const fold = cached ?? (await this.#restore(aggregate, stream));
    for await (const event of this.options.events.read(stream, fold.revision + 1)) replay(aggregate, fold, event);
    if (!cached) {
      this.#folds.set(stream, fold);
      this.#keep(aggregate, stream, fold);
    }
    return fold;
  }

  /** Takes in what was just appended to a stream that `read` gave. */
  advance<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    fold: Fold<State>,
    appended: {
      readonly events: readonly Event[];
      readonly last: EventEnvelope | undefined;
      readonly now: Timestamp;
      readonly position: Position;
    },
  ): void {
    const { events, last, now: at, position } = appended;
    for (const event of events) fold.state = aggregate.evolve(fold.state, { ...event, at });
    fold.revision += events.length;
    fold.position = position;
    fold.hash = last?.metadata.hash ?? fold.hash;
    fold.at = at;
    this.#keep(aggregate, stream, fold);
  }

  forget(stream: StreamName): void {
    this.#folds.delete(stream);
  }

  /** From a snapshot that belongs to the log, or from nothing. */
  async #restore<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
  ): Promise<Fold<State>> {
    const { snapshots, events } = this.options;
    const found = aggregate.snapshot && (await snapshots?.load(stream));
    if (found?.version === aggregate.version) {
      for await (const event of events.read(stream, found.revision)) {
        if (event.metadata.hash !== found.hash) break;
        const { revision, hash, at } = found;
        const state = aggregate.snapshot?.restore(found.state);
        const { position } = event;
        if (state !== undefined) return { state, revision, position, hash, at, snapshot: revision };
      }
    }
    return { state: aggregate.initial(), revision: -1, position: START, hash: null, at: undefined, snapshot: -1 };
  }

  /** Writes a snapshot down when the stream has grown enough; nobody waits for it. */
  #keep<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    fold: Fold<State>,
  ): void {
    const { snapshots, failed } = this.options;
    const { revision, hash, at } = fold;
    const due = Math.max(
      fold.snapshot + (this.options.snapshotEvents ?? SNAPSHOT_EVENTS),
      fold.snapshot * SNAPSHOT_GROWTH,
    );
    if (!snapshots || !aggregate.snapshot || revision < due || hash === null || at === undefined) return;
    fold.snapshot = revision;
    const state = aggregate.snapshot.dump(fold.state);
    snapshots
      .save(stream, { version: aggregate.version, revision, hash, at, state })
      .catch((error: unknown) => failed?.(error));
  }
}

function replay<State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  fold: Fold<State>,
  event: RecordedEvent,
): void {
  const { type, data } = upcast(event);
  // What a stream holds was written by its own aggregate's deciders; the catalogue has checked the type.
  fold.state = aggregate.evolve(fold.state, { type, data, at: event.metadata.at } as Happened<Event>);
  fold.revision = event.revision;
  fold.position = event.position;
  fold.hash = event.metadata.hash;
  fold.at = event.metadata.at;
}
