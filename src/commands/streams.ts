import { LRUCache } from 'lru-cache';
import type { EventEnvelope, RecordedEvent } from '../domain/shared/envelope.js';
import type { Aggregate, DomainEvent, Happened } from '../domain/shared/event.js';
import { eventHash, type Unhashed } from '../domain/shared/hash.js';
import type { EventId, Position, StreamName } from '../domain/shared/ids.js';
import { later, type Timestamp } from '../domain/shared/time.js';
import { RevisionConflict, StoreUnavailable } from '../ports/errors.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { Appended, EventStore } from '../ports/eventStore.js';
import type { CommandContext } from './context.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import { KeyedMutex } from '../concurrency/keyedMutex.js';
import { upcast, schemaVersionOf } from '../domain/catalogue.js';

/** A stream as it stands: the fold of its events and what the next event must link to. */
type Fold<State> = {
  state: State;
  revision: number;
  hash: string | null;
  at: Timestamp | undefined;
};

export type Decided<State, Event> = {
  readonly state: State;
  readonly events: readonly Event[];
  /** Of the last event appended; null if there was nothing to do. */
  readonly position: Position | null;
};

export type StreamsOptions = {
  readonly events: EventStore;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Called before a decision; refuses it by throwing while the read models trail too far behind. */
  readonly admit?: () => void;
  /** Called after an append and before its command answers: read models and caches catch up here. */
  readonly appended?: (position: Position) => Promise<void>;
  readonly cachedStreams?: number;
};

const ATTEMPTS = 12;

/**
 * Runs deciders against streams: read to the end, decide, append with the expected revision; on conflict the whole
 * decision is taken again (bounded, with jitter). The cache saves the fold, never the read.
 */
export class Streams {
  readonly #folds: LRUCache<StreamName, Fold<unknown>>;
  readonly #mutex = new KeyedMutex<StreamName>();

  constructor(private readonly options: StreamsOptions) {
    this.#folds = new LRUCache({ max: options.cachedStreams ?? 5_000 });
  }

  /** The state of a stream, read to its end. Not to be changed by the caller. */
  async load<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
  ): Promise<State> {
    return this.#mutex.run(stream, async () => (await this.#read(aggregate, stream)).state);
  }

  /**
   * @param decide pure; called again after a conflict, with the state as it is then
   * @throws what `decide` throws; RevisionConflict after too many attempts; StoreUnavailable
   */
  async decide<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    context: CommandContext,
    decide: (state: State, now: Timestamp) => readonly Event[],
  ): Promise<Decided<State, Event>> {
    this.options.admit?.();
    const decided = await this.#mutex.run(stream, () => this.#attempt(aggregate, stream, context, decide));
    if (decided.position !== null) await this.options.appended?.(decided.position);
    return decided;
  }

  async #attempt<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    context: CommandContext,
    decide: (state: State, now: Timestamp) => readonly Event[],
  ): Promise<Decided<State, Event>> {
    for (let attempt = 1; ; attempt++) {
      const fold = await this.#read(aggregate, stream);
      const now = later(this.options.clock.now(), fold.at);
      const events = decide(fold.state, now);
      if (events.length === 0) return { state: fold.state, events, position: null };
      try {
        const envelopes = await this.#seal(stream, fold, events, context, now);
        const { position } = await this.#append(stream, fold, envelopes);
        this.#advance(aggregate, fold, events, envelopes, now);
        return { state: fold.state, events, position };
      } catch (error) {
        this.#folds.delete(stream);
        if (!(error instanceof RevisionConflict) || attempt === ATTEMPTS) throw error;
        await pause(Math.random() * 2 ** Math.min(attempt, 6));
      }
    }
  }

  async #read<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
  ): Promise<Fold<State>> {
    // The stream's category fixes the aggregate, and with it the type of its fold.
    const cached = this.#folds.get(stream) as Fold<State> | undefined;
    const fold = cached ?? { state: aggregate.initial(), revision: -1, hash: null, at: undefined };
    for await (const event of this.options.events.read(stream, fold.revision + 1)) replay(aggregate, fold, event);
    if (!cached) this.#folds.set(stream, fold);
    return fold;
  }

  async #append(stream: StreamName, fold: Fold<unknown>, envelopes: readonly EventEnvelope[]): Promise<Appended> {
    const expected = fold.revision < 0 ? 'no-stream' : fold.revision;
    try {
      return await this.options.events.append(stream, envelopes, expected);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // The outcome is unknown: appending the same ids at the same revision again answers as the first time.
      await pause(50);
      return this.options.events.append(stream, envelopes, expected);
    }
  }

  async #seal(
    stream: StreamName,
    fold: Fold<unknown>,
    events: readonly DomainEvent[],
    context: CommandContext,
    at: Timestamp,
  ): Promise<EventEnvelope[]> {
    const { actor, credential, via, asSuperuser, correlationId } = context;
    const subject = actor.kind === 'user' ? accountSubject(actor.id) : activitySubject(at);
    const envelopes: EventEnvelope[] = [];
    let prevHash = fold.hash;
    for (const [index, event] of events.entries()) {
      const id = event.id ?? (this.options.ids.next() as EventId);
      const sealed = (field: string, plain: string | null) =>
        plain === null ? null : this.options.sealing.seal(subject, `${id}/${field}`, plain);
      const unhashed: Unhashed = {
        id,
        type: event.type,
        data: event.data,
        metadata: {
          schema: schemaVersionOf(event.type),
          at,
          actor,
          credential,
          via,
          asSuperuser,
          ip: await sealed('ip', context.ip),
          userAgent: await sealed('userAgent', context.userAgent),
          correlationId,
          causationId: null,
          prevHash,
        },
      };
      const hash = eventHash(stream, fold.revision + 1 + index, unhashed);
      envelopes.push({ ...unhashed, metadata: { ...unhashed.metadata, hash } });
      prevHash = hash;
    }
    return envelopes;
  }

  #advance<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    fold: Fold<State>,
    events: readonly Event[],
    envelopes: readonly EventEnvelope[],
    at: Timestamp,
  ): void {
    for (const event of events) fold.state = aggregate.evolve(fold.state, { ...event, at });
    fold.revision += events.length;
    fold.hash = envelopes.at(-1)?.metadata.hash ?? fold.hash;
    fold.at = at;
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
  fold.hash = event.metadata.hash;
  fold.at = event.metadata.at;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
