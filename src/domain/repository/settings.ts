import type { NamespaceId } from '../shared/ids.js';
import { DescriptionTooLong, RepositoryExists } from './errors.js';
import type { Grantee, RepositoryEvent, RepositoryState, Role, Visibility } from './events.js';
import { active, granteeKey, type Repository } from './state.js';

export type CreateRepository = {
  readonly namespaceId: NamespaceId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly description: string | null;
  /** Gets the admin role explicitly, also in his own namespace. */
  readonly creator: Grantee | null;
  /** What the default permissions of its namespace give to whom. */
  readonly grants?: readonly Grant[];
};

export type Grant = { readonly grantee: Grantee; readonly role: Role };

/** As JSON, so that the event stays small. */
const DESCRIPTION_BYTES = 48 * 1024;

function checkDescription(description: string): void {
  if (Buffer.byteLength(JSON.stringify(description)) > DESCRIPTION_BYTES)
    throw new DescriptionTooLong(DESCRIPTION_BYTES);
}

/**
 * The creator's own right wins over what the default permissions would give him.
 *
 * @throws RepositoryExists also for an abandoned creation: take a new id then
 * @throws DescriptionTooLong
 */
export function decideCreateRepository(command: CreateRepository, state: Repository): RepositoryEvent[] {
  if (state.kind !== 'none') throw new RepositoryExists();
  const { namespaceId, name, visibility, description, creator, grants = [] } = command;
  if (description !== null) checkDescription(description);
  const events: RepositoryEvent[] = [
    { type: 'RepositoryCreated', data: { namespaceId, name, visibility, kind: 'image', description } },
  ];
  const given = new Map<string, Grant>(grants.map((grant) => [granteeKey(grant.grantee), grant]));
  if (creator) given.set(granteeKey(creator), { grantee: creator, role: 'admin' });
  for (const grant of given.values()) events.push({ type: 'PermissionGranted', data: grant });
  return events;
}

/** In any state of the repository. @throws RepositoryUnknown, DescriptionTooLong */
export function decideSetDescription(description: string, repository: Repository): RepositoryEvent[] {
  const state = active(repository);
  checkDescription(description);
  return state.description === description ? [] : [{ type: 'DescriptionSet', data: { description } }];
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
