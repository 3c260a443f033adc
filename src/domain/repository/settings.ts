import type { NamespaceId } from '../shared/ids.js';
import { RepositoryExists } from './errors.js';
import type { Grantee, RepositoryEvent, RepositoryState, Role, Visibility } from './events.js';
import { active, granteeKey, type Repository } from './state.js';

export type CreateRepository = {
  readonly namespaceId: NamespaceId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly description: string;
  /** Gets the admin role explicitly, also in his own namespace. */
  readonly creator: Grantee | null;
};

/** @throws RepositoryExists also for an abandoned creation: take a new id then */
export function decideCreateRepository(command: CreateRepository, state: Repository): RepositoryEvent[] {
  if (state.kind !== 'none') throw new RepositoryExists();
  const { namespaceId, name, visibility, description, creator } = command;
  const events: RepositoryEvent[] = [
    { type: 'RepositoryCreated', data: { namespaceId, name, visibility, kind: 'image', description } },
  ];
  if (creator) events.push({ type: 'PermissionGranted', data: { grantee: creator, role: 'admin' } });
  return events;
}

export function decideSetVisibility(visibility: Visibility, state: Repository): RepositoryEvent[] {
  return active(state).visibility === visibility ? [] : [{ type: 'VisibilityChanged', data: { visibility } }];
}

export function decideSetState(to: RepositoryState, state: Repository): RepositoryEvent[] {
  return active(state).state === to ? [] : [{ type: 'StateChanged', data: { state: to } }];
}

export function decideGrant(grantee: Grantee, role: Role, state: Repository): RepositoryEvent[] {
  if (active(state).permissions.get(granteeKey(grantee)) === role) return [];
  return [{ type: 'PermissionGranted', data: { grantee, role } }];
}

export function decideRevoke(grantee: Grantee, state: Repository): RepositoryEvent[] {
  return active(state).permissions.has(granteeKey(grantee)) ? [{ type: 'PermissionRevoked', data: { grantee } }] : [];
}

export function decideDeleteRepository(state: Repository): RepositoryEvent[] {
  active(state);
  return [{ type: 'RepositoryDeleted', data: {} }];
}
