import { isJsonObject, type Json, type JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';
import type { Annotations, ManifestFacts } from './facts.js';

/** Most bytes of annotations, as JSON, that an event carries; beyond, queries read them from the manifest (design §2). */
export const MAX_EVENT_ANNOTATION_BYTES = 16_384;

export const NO_ANNOTATIONS: Annotations = Object.freeze({});

/**
 * @returns the document's own object, so that a name like `__proto__` stays an ordinary member
 * @throws ManifestInvalid unless it maps strings to strings
 */
export function parseAnnotations(document: JsonObject): Annotations {
  const value = document['annotations'];
  if (value === undefined || value === null) return NO_ANNOTATIONS;
  if (!isAnnotations(value)) throw new ManifestInvalid('annotations must be an object whose values are all strings');
  return value;
}

function isAnnotations(value: Json): value is Annotations {
  if (!isJsonObject(value)) return false;
  for (const name of Object.keys(value)) {
    const text = value[name];
    if (typeof text !== 'string' || !text.isWellFormed() || !name.isWellFormed()) return false;
  }
  return true;
}

/**
 * The annotations as an event may carry them: all of them, or none and a flag that says so. Never a part,
 * which a reader could take for the whole.
 */
export function annotationsInEvent(facts: Pick<ManifestFacts, 'annotations'>): {
  readonly annotations: Annotations;
  readonly flagged: boolean;
} {
  const { annotations } = facts;
  const flagged =
    annotations !== NO_ANNOTATIONS && Buffer.byteLength(JSON.stringify(annotations)) > MAX_EVENT_ANNOTATION_BYTES;
  return flagged ? { annotations: NO_ANNOTATIONS, flagged } : { annotations, flagged };
}
