import { DomainError } from '../shared/errors.js';
import type { Aggregate } from '../shared/event.js';
import type { AccountId } from '../shared/ids.js';
import type { NamespaceEvent, NamespaceKind } from './events.js';
import { evolveRobots, noRobots, type Robots } from './robotState.js';

export type Namespace =
  | { readonly kind: 'none' | 'abandoned' | 'deleted' }
  | {
      readonly kind: 'active';
      readonly name: string;
      readonly owner: AccountId | null;
      readonly timeMachineSeconds: number;
      readonly disabled: boolean;
      readonly robots: Robots;
    };

export type ActiveNamespace = Extract<Namespace, { kind: 'active' }>;

export class NamespaceUnknown extends DomainError {
  readonly code = 'namespace-unknown';
  constructor() {
    super('there is no such namespace');
  }
}

export class NamespaceExists extends DomainError {
  readonly code = 'namespace-exists';
  constructor() {
    super('the namespace exists already');
  }
}

export const namespaceAggregate: Aggregate<Namespace, NamespaceEvent> = {
  category: 'namespace',
  version: 1,
  initial: () => ({ kind: 'none' }),
  evolve(state, event) {
    switch (event.type) {
      case 'NamespaceCreated': {
        const { name, owner, timeMachineSeconds } = event.data;
        return { kind: 'active', name, owner, timeMachineSeconds, disabled: false, robots: noRobots() };
      }
      case 'NamespaceDeleted':
        return { kind: 'deleted' };
      case 'CreationAbandoned':
        return { kind: 'abandoned' };
      case 'TimeMachineWindowSet':
        return state.kind === 'active' ? { ...state, timeMachineSeconds: event.data.seconds } : state;
      case 'NamespaceDisabled':
      case 'NamespaceEnabled':
        return state.kind === 'active' ? { ...state, disabled: event.type === 'NamespaceDisabled' } : state;
      default:
        if (state.kind === 'active') evolveRobots(state.robots, event);
        return state;
    }
  },
};

export type CreateNamespace = {
  readonly name: string;
  readonly kind: NamespaceKind;
  readonly owner: AccountId | null;
  readonly timeMachineSeconds: number;
};

export function decideCreateNamespace(command: CreateNamespace, state: Namespace): NamespaceEvent[] {
  if (state.kind !== 'none') throw new NamespaceExists();
  return [{ type: 'NamespaceCreated', data: { ...command } }];
}

/** @throws NamespaceUnknown */
export function activeNamespace(state: Namespace): ActiveNamespace {
  if (state.kind !== 'active') throw new NamespaceUnknown();
  return state;
}
