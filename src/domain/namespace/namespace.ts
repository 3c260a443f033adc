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
      readonly type: NamespaceKind;
      readonly owner: AccountId | null;
      /** The account that it was before it became an organization. */
      readonly convertedFrom: AccountId | null;
      readonly timeMachineSeconds: number;
      readonly disabled: boolean;
      readonly contactEmailHmac: string | null;
      /** How often somebody took a claim of this namespace over, so that a slow rename notices it. */
      readonly lapsedClaims: number;
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
  version: 3,
  initial: () => ({ kind: 'none' }),
  evolve(state, event) {
    switch (event.type) {
      case 'NamespaceCreated': {
        const { name, kind: type, owner, timeMachineSeconds } = event.data;
        const fresh = {
          disabled: false,
          convertedFrom: null,
          contactEmailHmac: null,
          lapsedClaims: 0,
          robots: noRobots(),
        };
        return { kind: 'active', name, type, owner, timeMachineSeconds, ...fresh };
      }
      case 'NamespaceDeleted':
        return { kind: 'deleted' };
      case 'CreationAbandoned':
        return { kind: 'abandoned' };
      default:
        return state.kind === 'active' ? { ...state, ...changeBy(event, state) } : state;
    }
  },
};

function changeBy(
  event: Exclude<NamespaceEvent, { type: 'NamespaceCreated' | 'NamespaceDeleted' | 'CreationAbandoned' }>,
  state: ActiveNamespace,
): Partial<ActiveNamespace> {
  switch (event.type) {
    case 'TimeMachineWindowSet':
      return { timeMachineSeconds: event.data.seconds };
    case 'NamespaceDisabled':
      return { disabled: true };
    case 'NamespaceEnabled':
      return { disabled: false };
    case 'NamespaceRenamed':
      return { name: event.data.name };
    case 'NamespaceConverted':
      return { type: 'organization', owner: null, convertedFrom: state.owner };
    case 'ContactEmailSet':
      return { contactEmailHmac: event.data.emailHmac };
    case 'NameClaimLapsed':
      return { lapsedClaims: state.lapsedClaims + 1 };
    // Nothing is decided by it.
    case 'InvoicingSet':
      return {};
    default:
      evolveRobots(state.robots, event);
      return {};
  }
}

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
