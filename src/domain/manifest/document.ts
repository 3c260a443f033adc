import { isJsonObject, type JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';

/** Refuses bytes that are not UTF-8, and leaves a byte order mark in place, which is no JSON. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws ManifestInvalid unless the bytes are a JSON object in UTF-8 */
export function parseDocument(bytes: Uint8Array): JsonObject {
  const value = parseJson(decode(bytes));
  if (!isJsonObject(value)) throw new ManifestInvalid('it must be a JSON object');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new ManifestInvalid('it must be encoded in UTF-8', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ManifestInvalid('it must be JSON', { cause });
  }
}
