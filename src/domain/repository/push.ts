import type { Digest } from '../shared/digest.js';
import { later, plusSeconds, type Timestamp } from '../shared/time.js';
import { ManifestBlobUnknown, ReferenceSizeWrong, RepositoryNotWritable } from './errors.js';
import type { ManifestRecord, Reference, RepositoryEvent } from './events.js';
import { tagDeletions, cosignSiblings } from './deleteTag.js';
import { active, isVisible, liveTag, visibleParent, type ActiveRepository, type Repository } from './state.js';
import { tagEnd } from './tagEnd.js';

export type PushManifest = {
  readonly now: Timestamp;
  readonly digest: Digest;
  readonly manifest: ManifestRecord;
  /** Tags to point at it: one for a push by tag, any number for a push by digest. */
  readonly tags: readonly string[];
  /** A push by digest is kept for a time without a tag; a push by tag is kept by its tag. */
  readonly byDigest: boolean;
  /** Blobs that were uploaded or mounted here, and that no manifest need name yet. */
  readonly held: ReadonlySet<Digest>;
  /** Blobs whose bytes are stored, for whichever repository. */
  readonly present: ReadonlySet<Digest>;
  /** Missing layers and children are accepted and recorded as absent (FEATURE_SPARSE_INDEX). */
  readonly sparse: boolean;
  /** How long a push by digest is kept, in seconds (PUSH_TEMP_TAG_EXPIRATION_SEC). */
  readonly holdSeconds: number;
};

/** As many as fit into one event of 64 KiB with some 200 bytes each and room for annotations and labels. */
const REFERENCES_PER_EVENT = 120;

/**
 * One accepted push is always at least one event, also when nothing changes: by tag a `TagMoved` (a re-push renews
 * the tag), by digest a `ManifestPushed` that renews its hold.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestBlobUnknown, ReferenceSizeWrong
 */
export function decidePushManifest(command: PushManifest, repository: Repository): RepositoryEvent[] {
  const state = active(repository);
  if (state.state === 'READ_ONLY') throw new RepositoryNotWritable(state.state);
  const manifest = withAbsencesMarked(command, state);

  const events: RepositoryEvent[] = [];
  const known = state.manifests.get(command.digest);
  if (command.byDigest || !known || known.deleted) {
    events.push(...manifestPushed(command, manifest, known?.heldUntil));
  }
  for (const tag of command.tags) events.push(...tagMoved(command, manifest, state, tag));
  return events;
}

function manifestPushed(
  command: PushManifest,
  manifest: ManifestRecord,
  held: Timestamp | null | undefined,
): RepositoryEvent[] {
  const { digest } = command;
  const [first, ...more] = inParts(manifest.references);
  const hold = command.byDigest ? { heldUntil: holdOf(command, held) } : {};
  return [
    { type: 'ManifestPushed', data: { digest, manifest: { ...manifest, references: first ?? [] }, ...hold } },
    ...more.map((references): RepositoryEvent => ({ type: 'ManifestReferencesAdded', data: { digest, references } })),
  ];
}

/** A manifest with a subject stays until it is deleted; renewing never shortens. */
function holdOf({ manifest, now, holdSeconds }: PushManifest, held: Timestamp | null | undefined): Timestamp | null {
  if (manifest.subject !== null || held === null) return null;
  return later(plusSeconds(now, holdSeconds), held);
}

function tagMoved(command: PushManifest, manifest: ManifestRecord, state: ActiveRepository, tag: string): RepositoryEvent[] {
  const { digest, now } = command;
  const previous = liveTag(state, tag, now)?.digest ?? null;
  const moved: RepositoryEvent = {
    type: 'TagMoved',
    data: { tag, digest, previous, end: tagEnd(state, manifest, now) },
  };
  if (previous === null || previous === digest) return [moved];
  return [moved, ...tagDeletions(state, cosignSiblings(state, previous, [tag], now))];
}

/** Checks that all that is due is there, and marks what may be absent and is. */
function withAbsencesMarked(command: PushManifest, state: ActiveRepository): ManifestRecord {
  const missing: Digest[] = [];
  const references = command.manifest.references.map((reference) => {
    if (!reference.due || isThere(command, state, reference)) return reference;
    if (!command.sparse || reference.kind === 'config') missing.push(reference.digest);
    return { ...reference, due: false };
  });
  if (missing.length > 0) throw new ManifestBlobUnknown([...new Set(missing)]);
  return { ...command.manifest, references };
}

function isThere(command: PushManifest, state: ActiveRepository, { kind, digest, size }: Reference): boolean {
  const { held, present, now } = command;
  if (kind !== 'child') return present.has(digest) && (held.has(digest) || visibleParent(state, digest, now) !== undefined);
  if (!isVisible(state, digest, now)) return false;
  const stored = state.manifests.get(digest)?.record.size ?? size;
  if (stored !== size) throw new ReferenceSizeWrong(digest, size, stored);
  return true;
}

function inParts(references: readonly Reference[]): Reference[][] {
  const parts: Reference[][] = [];
  for (let at = 0; at < references.length; at += REFERENCES_PER_EVENT) {
    parts.push(references.slice(at, at + REFERENCES_PER_EVENT));
  }
  return parts;
}
