import { expect } from '@jest/globals';
import type { DomainError } from '../../src/domain/shared/errors.js';
import type { Aggregate, DomainEvent, Happened } from '../../src/domain/shared/event.js';
import { timestamp, type Timestamp } from '../../src/domain/shared/time.js';

/** When given events happened that do not say it themselves. */
export const LONG_AGO: Timestamp = timestamp(Date.UTC(2026, 0, 1));

export const at = <Event extends DomainEvent>(moment: Timestamp, event: Event): Happened<Event> => ({
  ...event,
  at: moment,
});

type Refusal = abstract new (...args: never[]) => DomainError;

export type Expectation<Event> = {
  /** Exactly these events, in this order; none: there was nothing to do. */
  then(...expected: readonly Event[]): void;
  /** @param details those that matter; others may be there */
  thenRefused(refusal: Refusal, details?: DomainError['details']): void;
};

export type Given<State, Event> = {
  /** @param decide what the decider under test makes of the state; called once */
  when(decide: (state: State) => readonly Event[]): Expectation<Event>;
};

/**
 * Given these events of the stream, when this is decided, then those events follow, or that refusal.
 *
 *     const given = specification(repositoryAggregate);
 *     given(created, tagMoved('latest', A)).when((state) => decideDeleteTag(command, state)).then(tagDeleted('latest'));
 */
export const specification =
  <State, Event extends DomainEvent>(aggregate: Aggregate<State, Event>) =>
  (...events: readonly (Event | Happened<Event>)[]): Given<State, Event> => ({
    when: (decide) => {
      const outcome = attempt(() =>
        decide(events.reduce((state, event) => aggregate.evolve(state, happened(event)), aggregate.initial())),
      );
      return {
        then: (...expected) => {
          if ('error' in outcome) throw outcome.error;
          expect(outcome.events).toEqual(expected);
        },
        thenRefused: (refusal, details = {}) => {
          const error = 'error' in outcome ? outcome.error : undefined;
          expect(error).toBeInstanceOf(refusal);
          expect(error).toMatchObject({ details });
        },
      };
    },
  });

const happened = <Event extends DomainEvent>(event: Event | Happened<Event>): Happened<Event> =>
  'at' in event ? event : at(LONG_AGO, event);

function attempt<Event>(
  decide: () => readonly Event[],
): { readonly events: readonly Event[] } | { readonly error: unknown } {
  try {
    return { events: decide() };
  } catch (error) {
    return { error };
  }
}
