import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/domain/manifest/mediaTypes.js';
import { freshBytes, type Algorithm, type Descriptor, type Repository } from './v2client.js';

export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';
export const EMPTY_JSON = Buffer.from('{}');
export { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST };

/** A blob that is in the repository, as a manifest names it. */
export async function blob(
  repository: Repository,
  mediaType: string,
  bytes: Uint8Array | string = freshBytes(),
  algorithm: Algorithm = 'sha256',
): Promise<Descriptor> {
  return { mediaType, digest: await repository.pushBlob(bytes, algorithm), size: Buffer.byteLength(bytes) };
}

/** An OCI image whose config and layer are in the repository; members can be changed or added. */
export async function ociImage(repository: Repository, changes: object = {}): Promise<object> {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', nonce: freshBytes(16).toString('hex') });
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: await blob(repository, OCI_CONFIG, config),
    layers: [await blob(repository, OCI_LAYER)],
    ...changes,
  };
}

export async function pushImage(repository: Repository, reference?: string, changes: object = {}): Promise<Descriptor> {
  return repository.pushManifest(await ociImage(repository, changes), OCI_MANIFEST, reference);
}

export const ociIndex = (manifests: readonly Descriptor[], changes: object = {}): object => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests,
  ...changes,
});

/** An artifact as most clients push it: an empty config, and a type of its own. */
export async function artifact(repository: Repository, artifactType: string, changes: object = {}): Promise<object> {
  const empty = await blob(repository, OCI_EMPTY, EMPTY_JSON);
  return { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType, config: empty, layers: [empty], ...changes };
}

export async function dockerImage(repository: Repository): Promise<object> {
  return {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: await blob(
      repository,
      'application/vnd.docker.container.image.v1+json',
      '{"architecture":"amd64","os":"linux"}',
    ),
    layers: [await blob(repository, 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
  };
}
