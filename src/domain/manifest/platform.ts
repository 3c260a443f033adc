import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';
import type { Platform } from './facts.js';
import { MAX_TEXT, objectAt, place, textMember } from './members.js';

/**
 * The platform of an index entry. An empty architecture or system is taken: attestations and artifacts have no other.
 *
 * @param required Docker manifest lists need one in every entry
 * @returns null when there is none
 * @throws ManifestInvalid
 * @see contract v2 §7.2
 */
export function parsePlatform(entry: JsonObject, required: boolean, member: string, index: number): Platform | null {
  const value = entry['platform'];
  if (value === undefined || value === null) {
    if (required) throw new ManifestInvalid(`${place(member, index)} needs a platform with architecture and os`);
    return null;
  }
  const platform = objectAt(value, `${place(member, index)}.platform`);
  const { architecture, os } = platform;
  if (!isShortText(architecture) || !isShortText(os)) {
    throw new ManifestInvalid(`${place(member, index)}.platform needs architecture and os, as strings`);
  }
  const within = `${place(member, index)}.platform.`;
  const variant = textMember(platform, 'variant', within);
  const version = textMember(platform, 'os.version', within);
  return {
    architecture,
    os,
    ...(variant === null ? {} : { variant }),
    ...(version === null ? {} : { 'os.version': version }),
  };
}

const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed();
