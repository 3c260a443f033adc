import type { Digest } from '../shared/digest.js';
import type { Json } from '../shared/json.js';
import type { Timestamp } from '../shared/time.js';
import { indexReferences, openTag } from './indexes.js';
import type { Role } from './events.js';
import type { ActiveRepository, ManifestState, Repository, TagState } from './state.js';

/** An active repository without what can be derived: which tags a manifest has, and who names a content. */
type Dumped = Omit<
  ActiveRepository,
  'permissions' | 'tags' | 'manifests' | 'ended' | 'labels' | 'tagsOf' | 'namedBy'
> & {
  readonly permissions: readonly (readonly [string, Role])[];
  readonly tags: readonly (readonly [string, TagState])[];
  readonly manifests: readonly (readonly [Digest, ManifestState])[];
  readonly ended: readonly (readonly [Digest, readonly (readonly [string, Timestamp])[]])[];
  readonly labels: readonly (readonly [Digest, readonly string[]])[];
};

/** The state as JSON. A hold that is absent stays absent, because JSON leaves undefined members out. */
export function dumpRepository(state: Repository): Json {
  if (state.kind !== 'active') return state;
  const { permissions, tags, manifests, ended, labels, tagsOf: _tags, namedBy: _names, ...settings } = state;
  const dumped: Dumped = {
    ...settings,
    permissions: [...permissions],
    tags: [...tags],
    manifests: [...manifests],
    ended: [...ended].map(([digest, stays]) => [digest, [...stays]]),
    labels: [...labels].map(([digest, ids]) => [digest, [...ids]]),
  };
  return dumped;
}

/** @param dumped what `dumpRepository` of this version made */
export function restoreRepository(dumped: Json): Repository {
  const known = dumped as Repository | Dumped;
  if (known.kind !== 'active') return known;
  const { permissions, tags, manifests, ended, labels, ...settings } = known as Dumped;
  const state: ActiveRepository = {
    ...settings,
    permissions: new Map(permissions),
    tags: new Map(),
    manifests: new Map(),
    ended: new Map(ended.map(([digest, stays]) => [digest, new Map(stays)])),
    labels: new Map(labels.map(([digest, ids]) => [digest, new Set(ids)])),
    tagsOf: new Map(),
    namedBy: new Map(),
  };
  for (const [digest, { heldUntil, ...manifest }] of manifests) {
    state.manifests.set(digest, { ...manifest, heldUntil });
    indexReferences(state, digest, manifest.record.references);
  }
  for (const [tag, found] of tags) openTag(state, tag, found);
  return state;
}
