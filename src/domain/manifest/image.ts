import type { Json, JsonObject } from '../shared/json.js';
import { NO_ANNOTATIONS, parseAnnotations } from './annotations.js';
import { parseDescriptor } from './descriptor.js';
import { ManifestInvalid } from './errors.js';
import type { ManifestFacts, ManifestReference } from './facts.js';
import { isLayerDue } from './layers.js';
import { DOCKER_MANIFEST, type ImageMediaType, OCI_MANIFEST } from './mediaTypes.js';
import { checkSchemaVersion, listMember, objectAt, refuseMembers, textMember } from './members.js';
import { checkReferenceCount, parseSubject } from './references.js';

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/**
 * An OCI image manifest, which may be any artifact, or a Docker schema 2 manifest. `subject`, `artifactType` and
 * `annotations` mean something in OCI manifests only; in others they are members like any unknown one.
 *
 * @throws ManifestInvalid
 * @see contract v2 §7.2
 */
export function parseImage(document: JsonObject, mediaType: ImageMediaType, size: number): ManifestFacts {
  const isOci = mediaType === OCI_MANIFEST;
  checkSchemaVersion(document, 2);
  if (!isOci && document['mediaType'] !== mediaType) throw new ManifestInvalid(`mediaType must be ${DOCKER_MANIFEST}`);
  refuseMembers(document, ['manifests', 'fsLayers'], 'an image manifest');

  const layers = listMember(document, 'layers');
  const subject = isOci ? parseSubject(document) : null;
  checkReferenceCount(layers.length + 1 + (subject === null ? 0 : 1));

  const config = parseDescriptor(objectAt(document['config'], 'config'), 'config');
  const references = [{ ...config, kind: 'config', due: true } as const, ...layers.map(parseLayer)];
  return {
    mediaType,
    kind: 'image',
    size,
    references,
    subject,
    artifactType: (isOci ? textMember(document, 'artifactType') : null) ?? config.mediaType,
    annotations: isOci ? parseAnnotations(document) : NO_ANNOTATIONS,
    configDigest: config.digest,
    configMediaType: config.mediaType,
    isImageConfig: IMAGE_CONFIGS.has(config.mediaType),
    layersSize: sumOfSizes(references) - config.size,
    schema1: null,
  };
}

function parseLayer(value: Json, index: number): ManifestReference {
  const { mediaType, digest, size } = parseDescriptor(objectAt(value, 'layers', index), 'layers', index);
  return { mediaType, digest, size, kind: 'layer', due: isLayerDue(digest, mediaType) };
}

/** Sums of sizes are stored and compared, so they must be exact. */
function sumOfSizes(references: readonly ManifestReference[]): number {
  let sum = 0;
  for (const { size } of references) sum += size;
  if (!Number.isSafeInteger(sum)) throw new ManifestInvalid('the sizes of config and layers add up to too much');
  return sum;
}
