import { isDigest } from '../shared/digest.js';
import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';
import type { Descriptor } from './facts.js';
import { place } from './members.js';

/** RFC 6838 §4.2, as the OCI schema has it. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/**
 * Checks what every descriptor needs; members beyond are allowed and left alone.
 *
 * @param member,index where it stands in the document, for the message
 * @throws ManifestInvalid
 * @see image-spec 1.1, "Content Descriptors"
 */
export function parseDescriptor(entry: JsonObject, member: string, index?: number): Descriptor {
  const { mediaType, digest, size, data } = entry;
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType)) {
    throw new ManifestInvalid(`${place(member, index)}.mediaType must have the form type/subtype`);
  }
  if (typeof digest !== 'string' || !isDigest(digest)) {
    throw new ManifestInvalid(
      `${place(member, index)}.digest must be sha256:<64 hex digits> or sha512:<128 hex digits>, lower case`,
    );
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ManifestInvalid(`${place(member, index)}.size must be a whole number of bytes, 0 or more`);
  }
  if (data !== undefined && data !== null && typeof data !== 'string') {
    throw new ManifestInvalid(`${place(member, index)}.data must be a base64 string`);
  }
  return { mediaType, digest, size: size + 0 }; // -0 is a whole number too, but does not survive JSON
}
