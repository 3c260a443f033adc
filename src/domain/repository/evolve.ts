import type { Digest } from '../shared/digest.js';
import type { Aggregate, Happened } from '../shared/event.js';
import { isAlive, type Timestamp } from '../shared/time.js';
import type { ManifestRecord, RepositoryEvent, RepositoryEvents } from './events.js';
import { addLabel, closeTag, forgetStays, indexReferences, openTag, removeLabel } from './indexes.js';
import { dumpRepository, restoreRepository } from './snapshot.js';
import { granteeKey, type ActiveRepository, type ManifestState, type Repository } from './state.js';

/**
 * Folds a repository's stream. The maps are changed in place: a repository of 100,000 tags must not be copied
 * for each push.
 */
export const repositoryAggregate: Aggregate<Repository, RepositoryEvent> = {
  category: 'repository',
  version: 2,
  initial: () => ({ kind: 'none' }),
  snapshot: { dump: dumpRepository, restore: restoreRepository },
  evolve(state, event) {
    if (state.kind === 'active') return evolveActive(state, event);
    if (event.type === 'CreationAbandoned') return { kind: 'abandoned' };
    if (event.type !== 'RepositoryCreated') return state;
    const { namespaceId, name, description, visibility } = event.data;
    return {
      kind: 'active',
      namespaceId,
      name,
      description,
      visibility,
      state: 'NORMAL',
      permissions: new Map(),
      tags: new Map(),
      manifests: new Map(),
      ended: new Map(),
      labels: new Map(),
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
    case 'DescriptionSet':
      return { ...state, description: event.data.description };
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
      moveTag(state, event);
      return state;
    case 'TagRestored':
      moveTag(state, event);
      for (const digest of event.data.revived) undelete(state, digest);
      return state;
    case 'TagExpirySet': {
      const tag = state.tags.get(event.data.tag);
      if (tag) state.tags.set(event.data.tag, { ...tag, end: event.data.end });
      return state;
    }
    case 'TagDeleted':
    case 'TagExpired':
      closeTag(state, event.data.tag, event.at);
      return state;
    case 'TagPurged':
      purgeTag(state, event.data, event.at);
      return state;
    case 'ManifestDeleted':
      changeManifest(state, event.data.digest, { deleted: true, heldUntil: undefined });
      return state;
    case 'ManifestsPurged':
      for (const digest of event.data.digests)
        changeManifest(state, digest, { deleted: true, purged: true, heldUntil: undefined });
      return state;
    case 'LabelAdded':
      addLabel(state, event.data.digest, event.data.labelId);
      return state;
    case 'LabelRemoved':
      removeLabel(state, event.data.digest, event.data.labelId);
      return state;
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
    purged: false,
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

type Moved = Happened<Extract<RepositoryEvent, { readonly type: 'TagMoved' | 'TagRestored' }>>;

function moveTag(state: ActiveRepository, { at, data: { tag, digest, end } }: Moved): void {
  closeTag(state, tag, at);
  openTag(state, tag, { digest, since: at, end });
}

/** A stay that is past its end but was never closed is among those that have ended. */
function purgeTag(state: ActiveRepository, { tag, digest, alive }: RepositoryEvents['TagPurged'], at: Timestamp): void {
  const present = state.tags.get(tag);
  if (present?.digest === digest && alive === isAlive(present.end, at)) closeTag(state, tag, null);
  if (!alive) forgetStays(state, digest, tag);
}

function undelete(state: ActiveRepository, digest: Digest): void {
  if (state.manifests.get(digest)?.deleted) changeManifest(state, digest, { deleted: false });
}

function changeManifest(state: ActiveRepository, digest: Digest, by: Partial<ManifestState>): void {
  const manifest = state.manifests.get(digest);
  if (manifest) state.manifests.set(digest, { ...manifest, ...by });
}
