import type { EventEnvelope } from '../domain/shared/envelope.js';
import type { Aggregate, DomainEvent } from '../domain/shared/event.js';
import { eventHash, type Unhashed } from '../domain/shared/hash.js';
import { START, type EventId, type Position, type StreamName } from '../domain/shared/ids.js';
import { later, type Timestamp } from '../domain/shared/time.js';
import { RevisionConflict, StoreUnavailable } from '../ports/errors.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { Appended } from '../ports/eventStore.js';
import type { CommandContext } from './context.js';
import type { Submitted } from './submitted.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import { Folds, type Fold, type FoldsOptions } from './folds.js';
import { KeyedMutex } from '../concurrency/keyedMutex.js';
import { schemaVersionOf } from '../domain/catalogue.js';

export type Decided<State, Event> = {
  readonly state: State;
  readonly events: readonly Event[];
  /** Of the last event appended; null if there was nothing to do. */
  readonly position: Position | null;
};

export type StreamsOptions = FoldsOptions & {
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Called before a decision; lets it wait, or refuses it by throwing, while the read models trail too far behind. */
  readonly admit?: () => Promise<void> | undefined;
  /**
   * Called before a command answers, with the last event that it appended or that its answer rests on: read models and
   * caches catch up here.
   */
  readonly appended?: (position: Position, outcome: Outcome) => Promise<void>;
};

/** What a command did to the log: who cannot be answered is told at least that. */
export type Outcome = 'written' | 'unchanged';

const ATTEMPTS = 12;

/**
 * Runs deciders against streams: read to the end, decide, append with the expected revision; on conflict the whole
 * decision is taken again (bounded, with jitter). The cache saves the fold, never the read.
 */
export class Streams {
  readonly #folds: Folds;
  readonly #mutex = new KeyedMutex<StreamName>();

  constructor(private readonly options: StreamsOptions) {
    this.#folds = new Folds(options);
  }

  /** The state of a stream, read to its end. Not to be changed by the caller. */
  async load<State, Event extends DomainEvent>(aggregate: Aggregate<State, Event>, stream: StreamName): Promise<State> {
    return this.#mutex.run(stream, async () => (await this.#folds.read(aggregate, stream)).state);
  }

  /**
   * @param decide pure; called again after a conflict, with the state as it is then
   * @param after what the events name, and must not be in the log without. The caller waits until it is durable
   * @throws what `decide` throws; RevisionConflict after too many attempts; StoreUnavailable
   */
  async decide<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    context: CommandContext,
    decide: (state: State, now: Timestamp) => readonly Event[],
    after?: Submitted,
  ): Promise<Decided<State, Event>> {
    await this.options.admit?.();
    const { appended } = this.options;
    let [seen, answers] = [START, false];
    const decideOn = (fold: Fold<State>, now: Timestamp): readonly Event[] => {
      [seen, answers] = [fold.position, true];
      const events = decide(fold.state, now);
      answers = events.length === 0;
      return events;
    };
    try {
      const decided = await this.#mutex.run(stream, () => this.#attempt(aggregate, stream, context, decideOn, after));
      if (decided.position !== null) await appended?.(decided.position, 'written');
      return decided;
    } finally {
      // Nothing to do, or a refusal: somebody else may have appended just now what that rests on, and not answered yet.
      if (answers) await appended?.(seen, 'unchanged');
    }
  }

  async #attempt<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    stream: StreamName,
    context: CommandContext,
    decide: (fold: Fold<State>, now: Timestamp) => readonly Event[],
    after: Submitted | undefined,
  ): Promise<Decided<State, Event>> {
    for (let attempt = 1; ; attempt++) {
      const fold = await this.#folds.read(aggregate, stream);
      const now = later(this.options.clock.now(), fold.at);
      const events = decide(fold, now);
      if (events.length === 0) return { state: fold.state, events, position: null };
      try {
        const envelopes = await this.#seal(stream, fold, events, context, now);
        const { position } = await this.#append(stream, fold, envelopes, after);
        this.#folds.advance(aggregate, stream, fold, { events, last: envelopes.at(-1), now, position });
        return { state: fold.state, events, position };
      } catch (error) {
        this.#folds.forget(stream);
        if (!(error instanceof RevisionConflict) || attempt === ATTEMPTS) throw error;
        await pause(Math.random() * 2 ** Math.min(attempt, 6));
      }
    }
  }

  async #append(
    stream: StreamName,
    fold: Fold<unknown>,
    envelopes: readonly EventEnvelope[],
    after: Submitted | undefined,
  ): Promise<Appended> {
    const expected = fold.revision < 0 ? 'no-stream' : fold.revision;
    const append = (): Promise<Appended> => this.options.events.append(stream, envelopes, expected);
    after?.check();
    try {
      return await append();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    // It may have failed together with what it names.
    await after?.durable;
    // The outcome is unknown: appending the same ids at the same revision again answers as the first time.
    await pause(50);
    try {
      return await append();
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof RevisionConflict)) throw error;
      // Whatever that says of the repetition: events of ours that lie there are there by the first time.
      const written = await this.#written(stream, fold.revision + 1, envelopes);
      if (written) return written;
      throw error;
    }
  }

  /** What was appended at a revision, if it is these events. @throws StoreUnavailable */
  async #written(stream: StreamName, from: number, envelopes: readonly EventEnvelope[]): Promise<Appended | undefined> {
    let found = 0;
    for await (const { id, revision, position } of this.options.events.read(stream, from)) {
      if (id !== envelopes[found]?.id) return undefined;
      if (++found === envelopes.length) return { revision, position };
    }
    return undefined;
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
      const { ip, userAgent } = await this.options.sealing.sealClient(subject, id, context);
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
          ip,
          userAgent,
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
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
