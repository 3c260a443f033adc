import type { EventId } from './ids.js';
import type { Json, JsonObject } from './json.js';
import type { Timestamp } from './time.js';

/** What a decider answers: a fact in the past tense. The id is given only where a sealed field is bound to it. */
export type DomainEvent<Type extends string = string, Data extends JsonObject = JsonObject> = {
  readonly type: Type;
  readonly data: Data;
  readonly id?: EventId;
};

/** The event union that a map of `type → data` describes. */
export type EventsOf<Map extends { readonly [type: string]: JsonObject }> = {
  [Type in keyof Map & string]: DomainEvent<Type, Map[Type]>;
}[keyof Map & string];

/** An event with the moment at which it happened, as `evolve` sees it: state may depend on when. */
export type Happened<Event extends DomainEvent> = Event & { readonly at: Timestamp };

/** One consistency boundary: how its stream folds into the state that its deciders judge by. */
export interface Aggregate<State, Event extends DomainEvent> {
  /** Streams are named `<category>-<id>`. */
  readonly category: string;
  /** Raised when the shape of the state changes; older snapshots are ignored then. */
  readonly version: number;
  initial(): State;
  /** Never rejects: what happened, happened. May change `state` in place and answer it. */
  evolve(state: State, event: Happened<Event>): State;
  /** Where streams grow long: the state as JSON and back, so that they need not be read from their beginning. */
  readonly snapshot?: { dump(state: State): Json; restore(dumped: Json): State };
}
