import { commonLabels, tagEffects } from '../manifest/tagEffects.js';
import { plusSeconds, type Timestamp } from '../shared/time.js';
import type { ManifestLabel, ManifestRecord } from './events.js';
import type { ActiveRepository } from './state.js';

/** When a tag that is put on the manifest now will end, by the labels that count for it (contract: registry-v2 §16). */
export function tagEnd(state: ActiveRepository, manifest: ManifestRecord, now: Timestamp): Timestamp | null {
  const { expiresAfterSeconds } = tagEffects(labelsForTags(state, manifest));
  return expiresAfterSeconds === null ? null : plusSeconds(now, expiresAfterSeconds);
}

/** An index has none of its own: what is common to all its children that are there counts; a nested index has none. */
function labelsForTags(
  state: ActiveRepository,
  { kind, labels, references }: ManifestRecord,
): readonly ManifestLabel[] {
  if (kind !== 'index') return labels;
  const children = references.flatMap((reference) => {
    const child =
      reference.kind === 'child' && reference.due ? state.manifests.get(reference.digest)?.record : undefined;
    return child ? [child.kind === 'index' ? [] : child.labels] : [];
  });
  return commonLabels(children);
}
