import type { Digest } from '../shared/digest.js';
import type { JsonObject } from '../shared/json.js';
import { later, plusSeconds, type Timestamp } from '../shared/time.js';
import { ManifestInvalid } from '../manifest/errors.js';
import { ManifestBlobUnknown, ReferenceSizeWrong } from './errors.js';
import type { ManifestRecord, Reference, RepositoryEvent } from './events.js';
import { orphanedSiblings, tagDeletions } from './deleteTag.js';
import { isVisible, liveTag, visibleParent, writable, type ActiveRepository, type Repository } from './state.js';
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

const REFERENCES_PER_EVENT = 120;
const EVENT_BYTES = 64 * 1024;
/** The rest is for its metadata. */
const DATA_BYTES = EVENT_BYTES - 8 * 1024;
const APPEND_BYTES = 1024 * 1024;
/** About what the metadata of one event takes: ids, hashes, sealed address and user agent. */
const METADATA_BYTES = 2 * 1024;

/**
 * One accepted push is always at least one event, also when nothing changes: by tag a `TagMoved` (a re-push renews
 * the tag), by digest a `ManifestPushed` that renews its hold.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestBlobUnknown, ReferenceSizeWrong
 * @throws ManifestInvalid if its references are more than one append takes
 */
export function decidePushManifest(command: PushManifest, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const manifest = withAbsencesMarked(command, state);

  const events: RepositoryEvent[] = [];
  const known = state.manifests.get(command.digest);
  if (command.byDigest || !known || known.deleted) {
    events.push(...manifestPushed(command, manifest, known?.heldUntil));
  }
  for (const tag of command.tags) events.push(tagMoved(command, manifest, state, tag));
  events.push(...tagDeletions(state, orphanedSiblings(state, command)));
  checkFits(events);
  return events;
}

function manifestPushed(
  command: PushManifest,
  manifest: ManifestRecord,
  held: Timestamp | null | undefined,
): RepositoryEvent[] {
  const { digest } = command;
  const [first = [], ...more] = inParts(manifest);
  const hold = command.byDigest ? { heldUntil: holdOf(command, held) } : {};
  return [
    { type: 'ManifestPushed', data: { digest, manifest: { ...manifest, references: first }, ...hold } },
    ...more.map((references): RepositoryEvent => ({ type: 'ManifestReferencesAdded', data: { digest, references } })),
  ];
}

/** A manifest with a subject stays until it is deleted; renewing never shortens. */
function holdOf({ manifest, now, holdSeconds }: PushManifest, held: Timestamp | null | undefined): Timestamp | null {
  if (manifest.subject !== null || held === null) return null;
  return later(plusSeconds(now, holdSeconds), held);
}

function tagMoved(
  { digest, now }: PushManifest,
  manifest: ManifestRecord,
  state: ActiveRepository,
  tag: string,
): RepositoryEvent {
  const previous = liveTag(state, tag, now)?.digest ?? null;
  return { type: 'TagMoved', data: { tag, digest, previous, end: tagEnd(state, manifest, now) } };
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
  if (kind !== 'child')
    return present.has(digest) && (held.has(digest) || visibleParent(state, digest, now) !== undefined);
  if (!isVisible(state, digest, now)) return false;
  const stored = state.manifests.get(digest)?.record.size ?? size;
  if (stored !== size) throw new ReferenceSizeWrong(digest, size, stored);
  return true;
}

/** Each part fits into one event, the first one beside all else that is said of the manifest. */
function inParts({ references, ...rest }: ManifestRecord): Reference[][] {
  const parts: Reference[][] = [];
  let part: Reference[] = [];
  let room = DATA_BYTES - jsonBytes(rest);
  for (const reference of references) {
    const bytes = jsonBytes(reference);
    if (part.length === REFERENCES_PER_EVENT || bytes > room) {
      parts.push(part);
      part = [];
      room = DATA_BYTES;
    }
    part.push(reference);
    room -= bytes + 1;
  }
  return [...parts, part];
}

/** Only media types and digests of unusual length make that many references too much. */
function checkFits(events: readonly RepositoryEvent[]): void {
  if (events.length <= APPEND_BYTES / EVENT_BYTES) return;
  const bytes = events.reduce((sum, { data }) => sum + jsonBytes(data) + METADATA_BYTES, 0);
  if (bytes > APPEND_BYTES) throw new ManifestInvalid('its references are more than can be recorded in one go');
}

const jsonBytes = (value: JsonObject): number => Buffer.byteLength(JSON.stringify(value));
