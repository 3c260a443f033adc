import { OCI_INDEX, OCI_MANIFEST } from '../../src/domain/manifest/mediaTypes.js';
import type { ManifestLabel, ManifestRecord, Reference, RepositoryEvent } from '../../src/domain/repository/events.js';
import { digestOf, type Digest } from '../../src/domain/shared/digest.js';
import type { NamespaceId } from '../../src/domain/shared/ids.js';
import { plusSeconds, timestamp, type Timestamp } from '../../src/domain/shared/time.js';
import { LONG_AGO } from './decider.js';

/** Events and records of one repository, as short as a test can say them. */

/** When commands under test are decided; given events happened long before. */
export const NOW: Timestamp = timestamp(Date.UTC(2026, 5, 18, 18, 59, 13));
export const inSeconds = (seconds: number): Timestamp => plusSeconds(NOW, seconds);

export const NAMESPACE = '01890a5d-ac96-774b-bcce-b302099a8057' as NamespaceId;

/** Digests are told apart by one byte (0 to 255). */
export const digestNumber = (number: number): Digest =>
  digestOf('sha256', number.toString(16).padStart(2, '0').repeat(32));

export const blob = (digest: Digest, kind: 'config' | 'layer' = 'layer', size = 100): Reference => ({
  digest,
  size,
  mediaType: kind === 'config' ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.oci.image.layer.v1.tar',
  kind,
  due: true,
});

export const child = (digest: Digest, size = MANIFEST_BYTES): Reference => ({
  digest,
  size,
  mediaType: OCI_MANIFEST,
  kind: 'child',
  due: true,
});

/** The size that every manifest of these builders has. */
const MANIFEST_BYTES = 500;

export const image = (changes: Partial<ManifestRecord> = {}): ManifestRecord => ({
  mediaType: OCI_MANIFEST,
  kind: 'image',
  size: MANIFEST_BYTES,
  references: [],
  subject: null,
  artifactType: null,
  annotations: {},
  annotationsInBytes: false,
  labels: [],
  ...changes,
});

export const index = (children: readonly Digest[], changes: Partial<ManifestRecord> = {}): ManifestRecord =>
  image({ mediaType: OCI_INDEX, kind: 'index', references: children.map((digest) => child(digest)), ...changes });

export const expiresAfter = (value: string): ManifestRecord['labels'] => [
  { key: 'quay.expires-after', value, mediaType: 'text/plain' },
];

export const repositoryCreated = (): RepositoryEvent => ({
  type: 'RepositoryCreated',
  data: { namespaceId: NAMESPACE, name: 'app', visibility: 'private', kind: 'image', description: '' },
});

export const stateChanged = (state: 'NORMAL' | 'READ_ONLY' | 'MIRROR' | 'ORG_MIRROR'): RepositoryEvent => ({
  type: 'StateChanged',
  data: { state },
});

/** By tag: nothing but tags and parents keeps it. */
export const pushed = (digest: Digest, manifest: ManifestRecord = image()): RepositoryEvent => ({
  type: 'ManifestPushed',
  data: { digest, manifest },
});

/** By digest: kept until then without a tag; null: without end. */
export const pushedAndHeld = (
  digest: Digest,
  heldUntil: Timestamp | null,
  manifest: ManifestRecord = image(),
): RepositoryEvent => ({ type: 'ManifestPushed', data: { digest, manifest, heldUntil } });

export const tagMoved = (
  tag: string,
  digest: Digest,
  { previous = null, end = null }: { readonly previous?: Digest | null; readonly end?: Timestamp | null } = {},
): RepositoryEvent => ({ type: 'TagMoved', data: { tag, digest, previous, end } });

export const tagDeleted = (tag: string, digest: Digest): RepositoryEvent => ({
  type: 'TagDeleted',
  data: { tag, digest },
});

export const tagExpired = (tag: string, digest: Digest): RepositoryEvent => ({
  type: 'TagExpired',
  data: { tag, digest },
});

export const manifestDeleted = (digest: Digest): RepositoryEvent => ({ type: 'ManifestDeleted', data: { digest } });

export const tagRestored = (
  tag: string,
  digest: Digest,
  {
    previous = null,
    revived = [],
    end = null,
  }: { readonly previous?: Digest | null; readonly revived?: readonly Digest[]; readonly end?: Timestamp | null } = {},
): RepositoryEvent => ({ type: 'TagRestored', data: { tag, digest, previous, revived, end } });

export const tagPurged = (
  tag: string,
  digest: Digest,
  { alive = false, since }: { readonly alive?: boolean; readonly since: Timestamp },
): RepositoryEvent => ({ type: 'TagPurged', data: { tag, digest, alive, since } });

export const manifestsPurged = (...digests: readonly Digest[]): RepositoryEvent => ({
  type: 'ManifestsPurged',
  data: { digests },
});

export const labelAdded = (
  labelId: string,
  digest: Digest,
  label: ManifestLabel = { key: 'stage', value: 'test', mediaType: 'text/plain' },
): RepositoryEvent => ({ type: 'LabelAdded', data: { labelId, digest, label } });

export const labelRemoved = (labelId: string, digest: Digest): RepositoryEvent => ({
  type: 'LabelRemoved',
  data: { labelId, digest },
});

export const repositoryDeleted = (): RepositoryEvent => ({ type: 'RepositoryDeleted', data: {} });

/** A moment before `NOW` at which something had ended already, after what was given. */
export const EARLIER: Timestamp = plusSeconds(LONG_AGO, 3_600);
