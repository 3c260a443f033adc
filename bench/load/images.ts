import { createHash, hash, randomBytes } from 'node:crypto';
import { sizeOf, type Answer, type Connection, type Request } from './connection.js';

/** A repository on a server, and who pushes to it. */
export type Place = { readonly repository: string; readonly authorization: string | undefined };

/** Bytes in pieces. */
export type Blob = { readonly digest: string; readonly bytes: readonly Uint8Array[] };

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

const sha256 = (bytes: Uint8Array): string => `sha256:${hash('sha256', bytes, 'hex')}`;

const blobOf = (bytes: Uint8Array): Blob => ({ bytes: [bytes], digest: sha256(bytes) });

/** Random bytes that no other call makes. */
export const uniqueBlob = (size: number): Blob => blobOf(randomBytes(size));

const MEBIBYTE = 1024 * 1024;

/** Unique as a whole, but most of it is one random mebibyte again and again: it takes the memory of two. */
export function largeBlob(size: number): Blob {
  const repeated = randomBytes(MEBIBYTE);
  const bytes = [randomBytes(MEBIBYTE), ...Array.from({ length: size / MEBIBYTE - 1 }, () => repeated)];
  const hashing = createHash('sha256');
  for (const piece of bytes) hashing.update(piece);
  return { bytes, digest: `sha256:${hashing.digest('hex')}` };
}

/** An image of a config and one layer, both of so many bytes and seen nowhere before. */
export function uniqueImage(layerBytes: number): {
  readonly config: Blob;
  readonly layer: Blob;
  readonly manifest: Blob;
} {
  const text = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    comment: randomBytes(380).toString('hex').padEnd(930),
  });
  const config = blobOf(Buffer.from(text));
  const layer = uniqueBlob(layerBytes);
  return { config, layer, manifest: manifestOf(config, layer) };
}

function manifestOf(config: Blob, layer: Blob): Blob {
  const descriptor = (mediaType: string, { digest, bytes }: Blob) => ({ mediaType, digest, size: sizeOf(bytes) });
  return blobOf(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config: descriptor('application/vnd.oci.image.config.v1+json', config),
        layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
      }),
    ),
  );
}

/** POST, then PUT of the whole. */
export async function pushBlob(connection: Connection, place: Place, { digest, bytes }: Blob): Promise<void> {
  const { location } = await beginUpload(connection, place);
  await connection.expect(201, { ...putOf(location, digest, place), body: bytes });
}

/** POST, one PATCH of unknown length, PUT without a body: what most clients do with large blobs. */
export async function streamBlob(connection: Connection, place: Place, { digest, bytes }: Blob): Promise<void> {
  const { authorization } = place;
  const begun = await beginUpload(connection, place);
  const contentType = 'application/octet-stream';
  const patch: Request = {
    method: 'PATCH',
    path: begun.location,
    authorization,
    contentType,
    body: bytes,
    chunked: true,
  };
  const { location } = await connection.expect(202, patch);
  await connection.expect(201, putOf(location, digest, place));
}

const beginUpload = (connection: Connection, { repository, authorization }: Place): Promise<Answer> =>
  connection.expect(202, { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, authorization });

const putOf = (location: string, digest: string, { authorization }: Place): Request => ({
  method: 'PUT',
  path: `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`,
  authorization,
  contentType: 'application/octet-stream',
});

export async function putManifest(
  connection: Connection,
  { repository, authorization }: Place,
  reference: string,
  { bytes }: Blob,
): Promise<void> {
  const path = `/v2/${repository}/manifests/${reference}`;
  await connection.expect(201, { method: 'PUT', path, authorization, contentType: MANIFEST_TYPE, body: bytes });
}
