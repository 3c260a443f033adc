import { DomainError } from '../shared/errors.js';
import type { Aggregate } from '../shared/event.js';
import type { StreamName } from '../shared/ids.js';
import type { NameEvent } from './events.js';

/** The owner's stream that the last claim names, or null when the name is free. */
export type NameState = { readonly owner: StreamName | null };

export const nameAggregate: Aggregate<NameState, NameEvent> = {
  category: 'name',
  version: 1,
  initial: () => ({ owner: null }),
  evolve: (_state, event) => ({ owner: event.type === 'NameClaimed' ? event.data.owner : null }),
};

export class NameTaken extends DomainError {
  readonly code = 'name-taken';
  constructor(
    name: string,
    readonly owner: StreamName,
  ) {
    super('the name is taken: choose another', { name });
  }
}

export type ClaimName = {
  readonly name: string;
  readonly claimant: StreamName;
  /** An owner who turned out not to bear the name (deleted, renamed, never created): his claim is void. */
  readonly void: StreamName | null;
};

export function decideClaim(command: ClaimName, state: NameState): NameEvent[] {
  if (state.owner === command.claimant) return [];
  if (state.owner !== null && state.owner !== command.void) throw new NameTaken(command.name, state.owner);
  return [{ type: 'NameClaimed', data: { owner: command.claimant } }];
}

export const decideRelease = (owner: StreamName, state: NameState): NameEvent[] =>
  state.owner === owner ? [{ type: 'NameReleased', data: { owner } }] : [];
