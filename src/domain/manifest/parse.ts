import { parseDocument } from './document.js';
import { ManifestTooLarge, MAX_MANIFEST_BYTES, MediaTypeUnsupported } from './errors.js';
import type { ManifestFacts } from './facts.js';
import { parseImage } from './image.js';
import { parseIndex } from './imageIndex.js';
import {
  bareMediaType,
  checkMediaTypeAgrees,
  guessMediaType,
  isImageMediaType,
  isIndexMediaType,
  isManifestMediaType,
  saysNothing,
} from './mediaTypes.js';
import { parseSchema1 } from './schema1.js';

/**
 * What a manifest says, from its bytes exactly as pushed. Whether its references exist is for others to ask.
 *
 * @param contentType the header; parameters are ignored, none or plain JSON leaves the type to the document
 * @throws MediaTypeUnsupported, before the bytes are looked at where the header tells
 * @throws ManifestTooLarge
 * @throws ManifestInvalid
 * @throws ManifestUnverified schema 1 only
 * @see contract v2 §7.1, §7.2
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): ManifestFacts {
  const declared = bareMediaType(contentType);
  if (!isManifestMediaType(declared) && !saysNothing(declared)) throw new MediaTypeUnsupported(declared);
  if (bytes.length > MAX_MANIFEST_BYTES) throw new ManifestTooLarge(bytes.length);

  const document = parseDocument(bytes);
  const mediaType = isManifestMediaType(declared) ? declared : guessMediaType(document);
  if (isImageMediaType(mediaType)) {
    checkMediaTypeAgrees(document, mediaType);
    return parseImage(document, mediaType, bytes.length);
  }
  if (isIndexMediaType(mediaType)) {
    checkMediaTypeAgrees(document, mediaType);
    return parseIndex(document, mediaType, bytes.length);
  }
  return parseSchema1(bytes, document, mediaType);
}
