import type { Json, JsonObject } from '../shared/json.js';
import { ManifestInvalid, MediaTypeUnsupported } from './errors.js';

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const SCHEMA1_SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
export const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json';

/** Of one image or artifact. */
export type ImageMediaType = typeof OCI_MANIFEST | typeof DOCKER_MANIFEST;
/** Of a list of manifests. */
export type IndexMediaType = typeof OCI_INDEX | typeof DOCKER_LIST;
/** Of Docker's first kind. */
export type Schema1MediaType = typeof SCHEMA1_SIGNED | typeof SCHEMA1;
/** What a manifest says that it is. */
export type ManifestMediaType = ImageMediaType | IndexMediaType | Schema1MediaType;
/** How a manifest is built: one image or artifact, a list of manifests, or Docker's first kind. */
export type ManifestKind = 'image' | 'index' | 'schema1';

const KINDS: ReadonlyMap<string, ManifestKind> = new Map<ManifestMediaType, ManifestKind>([
  [OCI_MANIFEST, 'image'],
  [DOCKER_MANIFEST, 'image'],
  [OCI_INDEX, 'index'],
  [DOCKER_LIST, 'index'],
  [SCHEMA1_SIGNED, 'schema1'],
  [SCHEMA1, 'schema1'],
]);

export const isManifestMediaType = (text: string): text is ManifestMediaType => KINDS.has(text);
export const isImageMediaType = (text: string): text is ImageMediaType => KINDS.get(text) === 'image';
export const isIndexMediaType = (text: string): text is IndexMediaType => KINDS.get(text) === 'index';
export const isSchema1MediaType = (text: string): text is Schema1MediaType => KINDS.get(text) === 'schema1';
/** The types that `FEATURE_GENERAL_OCI_SUPPORT` switches (contract v2 §7.1). */
export const isOciMediaType = (text: string): boolean => text === OCI_MANIFEST || text === OCI_INDEX;

/** `type/subtype` of a header value: parameters dropped, lower case; empty when there is none. */
export function bareMediaType(header: string | undefined): string {
  if (header === undefined || KINDS.has(header)) return header ?? '';
  const semicolon = header.indexOf(';');
  return (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

/** A header that leaves the type to the document: clients of schema 1 sent none, or plain JSON. */
export const saysNothing = (type: string): boolean => type === '' || type === 'application/json';

/**
 * The media type of a document that came without one.
 *
 * @throws MediaTypeUnsupported when the document names a type that is not taken
 * @throws ManifestInvalid when it neither names a type nor looks like a manifest
 * @see contract v2 §7.1
 */
export function guessMediaType(document: JsonObject): ManifestMediaType {
  const named = document['mediaType'];
  if (typeof named === 'string' && named !== '') {
    if (!isManifestMediaType(named)) throw new MediaTypeUnsupported(named);
    return named;
  }
  if (document['schemaVersion'] === 1) return isPresent(document['signatures']) ? SCHEMA1_SIGNED : SCHEMA1;
  if (isPresent(document['manifests'])) return OCI_INDEX;
  if (isPresent(document['config']) && document['layers'] !== undefined) return OCI_MANIFEST;
  throw new ManifestInvalid('its kind cannot be told; send the media type of the manifest as Content-Type');
}

const isPresent = (value: Json | undefined): boolean => value !== undefined && value !== null;

/**
 * A document that names another type than its header means different things to different clients.
 *
 * @throws ManifestInvalid
 * @see distribution-spec 1.1, "Pushing Manifests"
 */
export function checkMediaTypeAgrees(document: JsonObject, mediaType: ManifestMediaType): void {
  const named = document['mediaType'];
  if (named === mediaType || !isPresent(named)) return;
  const found = typeof named === 'string' ? named.slice(0, 200) : 'not a string';
  throw new ManifestInvalid(`mediaType (${found}) must equal the Content-Type (${mediaType})`);
}
