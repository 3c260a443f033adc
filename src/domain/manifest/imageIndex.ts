import type { Json, JsonObject } from '../shared/json.js';
import { NO_ANNOTATIONS, parseAnnotations } from './annotations.js';
import { parseDescriptor } from './descriptor.js';
import { ManifestInvalid } from './errors.js';
import type { ManifestFacts, ManifestReference } from './facts.js';
import { DOCKER_MANIFEST, type IndexMediaType, isSchema1MediaType, OCI_INDEX } from './mediaTypes.js';
import { checkSchemaVersion, listMember, objectAt, place, refuseMembers, textMember } from './members.js';
import { parsePlatform } from './platform.js';
import { checkReferenceCount, parseSubject } from './references.js';

/**
 * An OCI index, whose children may be indexes again, or a Docker manifest list, whose entries all need a platform.
 *
 * @throws ManifestInvalid
 * @see contract v2 §7.2
 */
export function parseIndex(document: JsonObject, mediaType: IndexMediaType, size: number): ManifestFacts {
  const isOci = mediaType === OCI_INDEX;
  checkSchemaVersion(document, 2);
  refuseMembers(document, ['config', 'layers', 'fsLayers'], 'an index');

  const children = listMember(document, 'manifests');
  const subject = isOci ? parseSubject(document) : null;
  checkReferenceCount(children.length + (subject === null ? 0 : 1));

  return {
    mediaType,
    kind: 'index',
    size,
    references: children.map(isOci ? parseChild : parseListEntry),
    subject,
    artifactType: isOci ? textMember(document, 'artifactType') : null,
    annotations: isOci ? parseAnnotations(document) : NO_ANNOTATIONS,
    configDigest: null,
    configMediaType: null,
    isImageConfig: false,
    layersSize: 0,
    schema1: null,
  };
}

const parseChild = (value: Json, index: number): ManifestReference => parseEntry(value, index, false);

function parseListEntry(value: Json, index: number): ManifestReference {
  const child = parseEntry(value, index, true);
  if (child.mediaType !== DOCKER_MANIFEST && !isSchema1MediaType(child.mediaType)) {
    throw new ManifestInvalid(
      `${place('manifests', index)}.mediaType must be that of a Docker schema 2 or schema 1 manifest; others go into an OCI index`,
    );
  }
  return child;
}

function parseEntry(value: Json, index: number, platformRequired: boolean): ManifestReference {
  const entry = objectAt(value, 'manifests', index);
  const { mediaType, digest, size } = parseDescriptor(entry, 'manifests', index);
  const platform = parsePlatform(entry, platformRequired, 'manifests', index);
  const child = { mediaType, digest, size, kind: 'child', due: true } as const;
  return platform === null ? child : { ...child, platform };
}
