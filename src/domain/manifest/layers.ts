import { type Digest, parseDigest } from '../shared/digest.js';

/** The gzipped empty tar that schema 1 puts in for instructions without files. */
export const EMPTY_LAYER: Digest = parseDigest(
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
);

/** Its bytes, in base64: it exists in every repository, whether or not anybody pushed it (contract v2 §6). */
const EMPTY_LAYER_BASE64 = 'H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=';

export const EMPTY_LAYER_SIZE = 32;

export const emptyLayerBytes = (): Uint8Array => Buffer.from(EMPTY_LAYER_BASE64, 'base64');

const FOREIGN: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

/** A layer that the registry may have to do without: clients fetch it from its `urls` (contract v2 §7.2). */
export const isForeignLayer = (mediaType: string): boolean => FOREIGN.has(mediaType);

/** Whether a push must have brought the layer's bytes. */
export const isLayerDue = (digest: Digest, mediaType: string): boolean =>
  digest !== EMPTY_LAYER && !isForeignLayer(mediaType);
