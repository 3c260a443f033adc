import { OCI_INDEX, OCI_MANIFEST } from '../../src/domain/manifest/mediaTypes.js';
import type { ManifestRecord, Reference } from '../../src/domain/repository/events.js';
import { digestOf, hexOf, type Digest } from '../../src/domain/shared/digest.js';
import { hash } from 'node:crypto';

/**
 * A few manifests that know of each other in all the ways that matter: shared layers, indexes that share children,
 * an index of an index, referrers, a manifest whose tags expire, one that cosign signs.
 */

export type KnownManifest = {
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly record: ManifestRecord;
  readonly children: readonly Digest[];
  readonly blobs: readonly Digest[];
  /** Tags on it last so long. */
  readonly expiresAfterSeconds: number | null;
};

const sha256 = (bytes: Uint8Array | string): Digest => digestOf('sha256', hash('sha256', bytes));

export type KnownBlob = { readonly name: string; readonly digest: Digest; readonly bytes: Uint8Array };

const blobNamed = (name: string): KnownBlob => {
  const bytes = Buffer.from(`the bytes of ${name}`);
  return { name, digest: sha256(bytes), bytes };
};

export const blobs = { shared: blobNamed('shared'), base: blobNamed('base'), config: blobNamed('config') };
export const allBlobs: readonly KnownBlob[] = Object.values(blobs);

function image(
  name: string,
  layers: readonly KnownBlob[],
  { subject = null, expires = null }: { readonly subject?: Digest | null; readonly expires?: number | null } = {},
): KnownManifest {
  const bytes = Buffer.from(`{"image":"${name}"}`);
  const references = layers.map(({ digest, bytes: { byteLength } }): Reference => {
    const mediaType = 'application/vnd.oci.image.layer.v1.tar';
    return { digest, size: byteLength, mediaType, kind: 'layer', due: true };
  });
  const labels = expires === null ? [] : [{ key: 'quay.expires-after', value: `${expires}s`, mediaType: 'text/plain' }];
  const record = { ...common(bytes), mediaType: OCI_MANIFEST, kind: 'image', references, subject, labels } as const;
  const named = { name, digest: sha256(bytes), bytes, record };
  return { ...named, children: [], blobs: layers.map(({ digest }) => digest), expiresAfterSeconds: expires };
}

function index(name: string, children: readonly KnownManifest[]): KnownManifest {
  const bytes = Buffer.from(`{"index":"${name}"}`);
  const references = children.map(({ digest, record: { size, mediaType } }): Reference => ({
    digest,
    size,
    mediaType,
    kind: 'child',
    due: true,
  }));
  const record = {
    ...common(bytes),
    mediaType: OCI_INDEX,
    kind: 'index',
    references,
    subject: null,
    labels: [],
  } as const;
  const named = { name, digest: sha256(bytes), bytes, record };
  return { ...named, children: children.map(({ digest }) => digest), blobs: [], expiresAfterSeconds: null };
}

const common = (bytes: Uint8Array) => ({
  size: bytes.byteLength,
  artifactType: null,
  annotations: {},
  annotationsInBytes: false,
});

const plain = image('plain', [blobs.shared, blobs.config]);
const expiring = image('expiring', [blobs.shared], { expires: 60 });
const lone = image('lone', [blobs.base]);
const referrer = image('referrer', [], { subject: plain.digest });
const otherReferrer = image('other referrer', [blobs.config], { subject: plain.digest });
const signature = image('signature', []);
const pair = index('pair', [plain, expiring]);
const single = index('single', [expiring]);
const nested = index('nested', [pair, lone]);

export const manifests: readonly KnownManifest[] = [
  ...[plain, expiring, lone, referrer, otherReferrer, signature],
  ...[pair, single, nested],
];

/** The signature of `plain`, as cosign tags it. */
const SIGNATURE_TAG = `sha256-${hexOf(plain.digest)}.sig`;
export const cosignSubject = (tag: string): Digest | null => (tag === SIGNATURE_TAG ? plain.digest : null);
export const tags: readonly string[] = ['latest', 'v1', 'v2', SIGNATURE_TAG];

export function manifestOf(digest: Digest): KnownManifest {
  const found = manifests.find((manifest) => manifest.digest === digest);
  if (!found) throw new Error(`${digest} is not in the universe`);
  return found;
}

export function manifestNamed(name: string): KnownManifest {
  const found = manifests.find((manifest) => manifest.name === name);
  if (!found) throw new Error(`there is no manifest ${name}`);
  return found;
}
