import { DomainError } from '../shared/errors.js';
import type { NamespaceEvent } from './events.js';
import { activeNamespace, type Namespace } from './namespace.js';

/** Somebody took the claim of the new name for an abandoned one: claim it again. */
export class NameClaimLost extends DomainError {
  readonly code = 'name-claim-lost';
  constructor(name: string) {
    super('the name was claimed by somebody else meanwhile: choose another', { name });
  }
}

export class NamespaceIsOrganization extends DomainError {
  readonly code = 'namespace-is-organization';
  constructor() {
    super('the namespace belongs to an organization already');
  }
}

export type RenameNamespace = {
  readonly name: string;
  /** As the namespace's state had it before the name was claimed. */
  readonly lapsedClaims: number;
};

export function decideRenameNamespace({ name, lapsedClaims }: RenameNamespace, state: Namespace): NamespaceEvent[] {
  const namespace = activeNamespace(state);
  if (namespace.name === name) return [];
  if (namespace.lapsedClaims !== lapsedClaims) throw new NameClaimLost(name);
  return [{ type: 'NamespaceRenamed', data: { name } }];
}

export function decideConvertNamespace(state: Namespace): NamespaceEvent[] {
  if (activeNamespace(state).type === 'organization') throw new NamespaceIsOrganization();
  return [{ type: 'NamespaceConverted', data: {} }];
}

export function decideDeleteNamespace(state: Namespace): NamespaceEvent[] {
  activeNamespace(state);
  return [{ type: 'NamespaceDeleted', data: {} }];
}
