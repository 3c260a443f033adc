import { isDigest } from '../shared/digest.js';
import type { Json, JsonObject } from '../shared/json.js';
import { NO_ANNOTATIONS } from './annotations.js';
import { configLabels } from './configLabels.js';
import { parseDocument } from './document.js';
import { ManifestInvalid, ManifestUnverified } from './errors.js';
import type { ManifestFacts, ManifestReference } from './facts.js';
import { type SignedPayload, verifyPrettySignatures } from './jws.js';
import { EMPTY_LAYER, EMPTY_LAYER_SIZE, isLayerDue } from './layers.js';
import { checkMediaTypeAgrees, SCHEMA1_SIGNED, type Schema1MediaType } from './mediaTypes.js';
import { checkSchemaVersion, listMember, objectAt, place, refuseMembers, textMember } from './members.js';
import { checkReferenceCount } from './references.js';

/** What schema 1 layers are: the document itself gives them no type. */
export const SCHEMA1_LAYER = 'application/vnd.docker.container.image.rootfs.diff+x-gtar';

/**
 * Docker schema 1. The facts of a signed document come from the payload that its signatures cover, which is also
 * what its digest is of: what stands around it proves nothing.
 *
 * @throws ManifestInvalid
 * @throws ManifestUnverified
 * @see contract v2 §7.2
 */
export function parseSchema1(bytes: Uint8Array, document: JsonObject, mediaType: Schema1MediaType): ManifestFacts {
  const signed = readSignatures(bytes, document, mediaType);
  const content = signed === null ? document : parseDocument(signed.payload);
  checkMediaTypeAgrees(content, mediaType);
  checkSchemaVersion(content, 1);
  refuseMembers(content, ['manifests', 'config', 'layers'], 'a schema 1 manifest');

  const layers = listMember(content, 'fsLayers');
  const history = listMember(content, 'history');
  if (layers.length === 0) throw new ManifestInvalid('manifest does not reference any layers');
  if (history.length !== layers.length) throw new ManifestInvalid('history must have one entry for each of fsLayers');
  checkReferenceCount(layers.length);

  const images = history.map(v1ImageText);
  const references = layers.map(parseFsLayer).reverse();
  return {
    mediaType,
    kind: 'schema1',
    size: bytes.length,
    references,
    subject: null,
    artifactType: null,
    annotations: NO_ANNOTATIONS,
    configDigest: null,
    configMediaType: null,
    isImageConfig: false,
    layersSize: references.reduce((sum, { size }) => sum + size, 0),
    schema1: {
      name: requiredText(content, 'name'),
      tag: requiredText(content, 'tag'),
      // The first entry of the history is the image itself, those after it are its parents.
      labels: configLabels(images[0] ?? ''),
      signed: signed === null ? null : { length: signed.length, tail: signed.tail },
    },
  };
}

function readSignatures(bytes: Uint8Array, document: JsonObject, mediaType: Schema1MediaType): SignedPayload | null {
  const signatures = document['signatures'];
  if (signatures !== undefined && signatures !== null) return verifyPrettySignatures(bytes, signatures);
  if (mediaType !== SCHEMA1_SIGNED) return null;
  throw new ManifestUnverified('it has no signatures; sign it, or send it as an unsigned schema 1 manifest');
}

function parseFsLayer(value: Json, index: number): ManifestReference {
  const digest = objectAt(value, 'fsLayers', index)['blobSum'];
  if (typeof digest !== 'string' || !isDigest(digest)) {
    throw new ManifestInvalid(`${place('fsLayers', index)}.blobSum must be sha256:<64 hex digits>, lower case`);
  }
  const layer = { mediaType: SCHEMA1_LAYER, digest, kind: 'layer', due: isLayerDue(digest, SCHEMA1_LAYER) } as const;
  return digest === EMPTY_LAYER ? { ...layer, size: EMPTY_LAYER_SIZE } : { ...layer, size: 0, sizeKnown: false };
}

function v1ImageText(value: Json, index: number): string {
  const text = objectAt(value, 'history', index)['v1Compatibility'];
  if (typeof text !== 'string')
    throw new ManifestInvalid(`${place('history', index)}.v1Compatibility must be a string`);
  return text;
}

function requiredText(content: JsonObject, member: string): string {
  const text = textMember(content, member);
  if (text === null) throw new ManifestInvalid(`${member} must be given`);
  return text;
}
