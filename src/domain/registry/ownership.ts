import type { NamespaceId } from '../shared/ids.js';
import type { RegistryEvent } from './events.js';

/**
 * A superuser makes himself the owner of a namespace. What follows from it is told by the namespace's own streams;
 * this is what auditors look for.
 */
export const decideTakeOwnership = (command: {
  readonly namespaceId: NamespaceId;
  readonly wasUser: boolean;
}): RegistryEvent[] => [{ type: 'OwnershipTaken', data: { ...command } }];
