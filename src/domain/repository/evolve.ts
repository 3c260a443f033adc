import type { Digest } from '../shared/digest.js';
import type { Aggregate, Happened } from '../shared/event.js';
import type { Timestamp } from '../shared/time.js';
import type { ManifestRecord, RepositoryEvent } from './events.js';
import { closeTag, indexReferences, pointTag } from './indexes.js';
import { dumpRepository, restoreRepository } from './snapshot.js';
import { granteeKey, type ActiveRepository, type Repository } from './state.js';

/**
 * Folds a repository's stream. The maps are changed in place: a repository of 100,000 tags must not be copied
 * for each push.
 */
export const repositoryAggregate: Aggregate<Repository, RepositoryEvent> = {
  category: 'repository',
  version: 1,
  initial: () => ({ kind: 'none' }),
  snapshot: { dump: dumpRepository, restore: restoreRepository },
  evolve(state, event) {
    if (state.kind === 'active') return evolveActive(state, event);
    if (event.type === 'CreationAbandoned') return { kind: 'abandoned' };
    if (event.type !== 'RepositoryCreated') return state;
    const { namespaceId, name, visibility } = event.data;
    return {
      kind: 'active',
      namespaceId,
      name,
      visibility,
      state: 'NORMAL',
      permissions: new Map(),
      tags: new Map(),
      manifests: new Map(),
      tagsOf: new Map(),
      namedBy: new Map(),
    };
  },
};

function evolveActive(state: ActiveRepository, event: Happened<RepositoryEvent>): Repository {
  switch (event.type) {
    case 'RepositoryCreated':
    case 'CreationAbandoned':
    case 'NameClaimLapsed':
      return state;
    case 'VisibilityChanged':
      return { ...state, visibility: event.data.visibility };
    case 'StateChanged':
      return { ...state, state: event.data.state };
    case 'PermissionGranted':
      state.permissions.set(granteeKey(event.data.grantee), event.data.role);
      return state;
    case 'PermissionRevoked':
      state.permissions.delete(granteeKey(event.data.grantee));
      return state;
    case 'ManifestPushed':
      pushManifest(state, event.data.digest, event.data.manifest, event.data.heldUntil);
      return state;
    case 'ManifestReferencesAdded':
      addReferences(state, event.data.digest, event.data.references);
      return state;
    case 'TagMoved':
      pointTag(state, event.data.tag, event.data.digest, event.at, event.data.end);
      return state;
    case 'TagRestored':
      pointTag(state, event.data.tag, event.data.digest, event.at, null);
      for (const digest of event.data.revived) undelete(state, digest);
      return state;
    case 'TagExpirySet': {
      const tag = state.tags.get(event.data.tag);
      if (tag) state.tags.set(event.data.tag, { ...tag, end: event.data.end });
      return state;
    }
    case 'TagDeleted':
    case 'TagExpired':
      closeTag(state, event.data.tag);
      return state;
    case 'ManifestDeleted': {
      const manifest = state.manifests.get(event.data.digest);
      if (manifest) state.manifests.set(event.data.digest, { ...manifest, deleted: true, heldUntil: undefined });
      return state;
    }
    case 'RepositoryDeleted':
      return { kind: 'deleted' };
  }
}

function pushManifest(
  state: ActiveRepository,
  digest: Digest,
  record: ManifestRecord,
  heldUntil: Timestamp | null | undefined,
): void {
  const known = state.manifests.get(digest);
  // A push by tag of a manifest that is held does not end its hold.
  state.manifests.set(digest, {
    record,
    heldUntil: heldUntil === undefined ? known?.heldUntil : heldUntil,
    deleted: false,
  });
  indexReferences(state, digest, record.references);
}

function addReferences(state: ActiveRepository, digest: Digest, references: ManifestRecord['references']): void {
  const manifest = state.manifests.get(digest);
  if (!manifest) return;
  const record = { ...manifest.record, references: [...manifest.record.references, ...references] };
  state.manifests.set(digest, { ...manifest, record });
  indexReferences(state, digest, references);
}

function undelete(state: ActiveRepository, digest: Digest): void {
  const manifest = state.manifests.get(digest);
  if (manifest?.deleted) state.manifests.set(digest, { ...manifest, deleted: false });
}
