import { DomainError } from '../shared/errors.js';
import type { Json, JsonObject } from '../shared/json.js';

/** What somebody noted about a robot cannot be kept. */
export class RobotMetadataInvalid extends DomainError {
  readonly code = 'robot-metadata-invalid';
}

/** Characters of its JSON: an event is small, and is not made of notes alone. */
const LONGEST = 16_384;
const DEEPEST = 32;

/**
 * Notes in whatever form; null: none.
 *
 * @throws RobotMetadataInvalid also for text that is no Unicode, which no event can hold
 */
export function parseRobotMetadata(metadata: JsonObject | null): JsonObject | null {
  if (metadata === null) return null;
  if (!isStorable(metadata, 0)) throw new RobotMetadataInvalid('unstructured_metadata holds what cannot be stored');
  if (JSON.stringify(metadata).length > LONGEST)
    throw new RobotMetadataInvalid(`unstructured_metadata must be at most ${LONGEST} characters in length`);
  return metadata;
}

/** Few levels, and no half of a character. */
function isStorable(value: Json | undefined, depth: number): boolean {
  if (depth > DEEPEST) return false;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isStorable(member, depth + 1));
}
