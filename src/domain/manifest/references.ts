import type { JsonObject } from '../shared/json.js';
import { parseDescriptor } from './descriptor.js';
import { ManifestInvalid, MAX_REFERENCES } from './errors.js';
import type { Descriptor } from './facts.js';
import { objectAt } from './members.js';

/** @throws ManifestInvalid that names the limit (design §2, DS-226) */
export function checkReferenceCount(count: number): void {
  if (count <= MAX_REFERENCES) return;
  throw new ManifestInvalid(
    `it has ${count} references; a manifest may have at most ${MAX_REFERENCES} (config, layers, children and subject together)`,
  );
}

/**
 * The manifest that this one is about. It need not exist (DS-027).
 *
 * @throws ManifestInvalid
 */
export function parseSubject(document: JsonObject): Descriptor | null {
  const value = document['subject'];
  if (value === undefined || value === null) return null;
  return parseDescriptor(objectAt(value, 'subject'), 'subject');
}
