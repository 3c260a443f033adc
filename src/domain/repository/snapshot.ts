import type { Digest } from '../shared/digest.js';
import type { Json } from '../shared/json.js';
import { indexReferences, pointTag } from './indexes.js';
import type { Role } from './events.js';
import type { ActiveRepository, ManifestState, Repository, TagState } from './state.js';

/** An active repository without what can be derived: which tags a manifest has, and who names a content. */
type Dumped = Omit<ActiveRepository, 'permissions' | 'tags' | 'manifests' | 'tagsOf' | 'namedBy'> & {
  readonly permissions: readonly (readonly [string, Role])[];
  readonly tags: readonly (readonly [string, TagState])[];
  readonly manifests: readonly (readonly [Digest, ManifestState])[];
};

/** The state as JSON. A hold that is absent stays absent, because JSON leaves undefined members out. */
export function dumpRepository(state: Repository): Json {
  if (state.kind !== 'active') return state;
  const { permissions, tags, manifests, tagsOf: _tags, namedBy: _names, ...settings } = state;
  const dumped: Dumped = { ...settings, permissions: [...permissions], tags: [...tags], manifests: [...manifests] };
  return dumped;
}

/** @param dumped what `dumpRepository` of this version made */
export function restoreRepository(dumped: Json): Repository {
  const known = dumped as Repository | Dumped;
  if (known.kind !== 'active') return known;
  const { permissions, tags, manifests, ...settings } = known as Dumped;
  const state: ActiveRepository = {
    ...settings,
    permissions: new Map(permissions),
    tags: new Map(),
    manifests: new Map(),
    tagsOf: new Map(),
    namedBy: new Map(),
  };
  for (const [digest, { heldUntil, ...manifest }] of manifests) {
    state.manifests.set(digest, { ...manifest, heldUntil });
    indexReferences(state, digest, manifest.record.references);
  }
  for (const [tag, { digest, since, end }] of tags) pointTag(state, tag, digest, since, end);
  return state;
}
