import { isJsonObject, type Json, type JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';

/** Longest text that is kept from a document, annotations apart; events stay small by it. */
export const MAX_TEXT = 255;

/** Where a fault is, as a reader of the document would say it: `config`, `layers[3]`. Built only when needed. */
export const place = (member: string, index?: number): string => (index === undefined ? member : `${member}[${index}]`);

export const isJsonArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/** @throws ManifestInvalid unless `schemaVersion` is that number */
export function checkSchemaVersion(document: JsonObject, version: 1 | 2): void {
  if (document['schemaVersion'] !== version) throw new ManifestInvalid(`schemaVersion must be ${version}`);
}

/**
 * A list that must be there. `null` is what Go writes for an empty list, and means it.
 *
 * @throws ManifestInvalid
 */
export function listMember(document: JsonObject, member: string): readonly Json[] {
  const value = document[member];
  if (value === null) return [];
  if (value === undefined || !isJsonArray(value))
    throw new ManifestInvalid(`${member} must be a list (it may be empty)`);
  return value;
}

/** @throws ManifestInvalid */
export function objectAt(value: Json | undefined, member: string, index?: number): JsonObject {
  if (!isJsonObject(value)) throw new ManifestInvalid(`${place(member, index)} must be an object`);
  return value;
}

/**
 * A short text that may be missing, null or empty.
 *
 * @returns null when there is none
 * @throws ManifestInvalid
 */
export function textMember(object: JsonObject, member: string, within = ''): string | null {
  const value = object[member];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > MAX_TEXT || !value.isWellFormed()) {
    throw new ManifestInvalid(`${within}${member} must be a string of at most ${MAX_TEXT} characters`);
  }
  return value;
}

/**
 * A document that is an image to one client and an index to another hides one of the two.
 *
 * @throws ManifestInvalid
 * @see CVE-2021-41190
 */
export function refuseMembers(document: JsonObject, members: readonly string[], what: string): void {
  for (const member of members) {
    if (document[member] !== undefined && document[member] !== null) {
      throw new ManifestInvalid(`${what} must not have ${member}; push the two as separate manifests`);
    }
  }
}
