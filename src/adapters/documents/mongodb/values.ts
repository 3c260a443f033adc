import { Binary } from 'mongodb';
import type { Json, JsonObject } from '../../../domain/shared/json.js';

/** What a document consists of in the engine; everything else that it knows never gets in. */
export type StoredValue = string | number | boolean | null | Binary | readonly StoredValue[] | StoredObject;
export type StoredObject = { readonly [member: string]: StoredValue };

/** A list within a list; other servers of the protocol take none. No escaped member has this name. */
const LIST = '%[]';
/** Text that is no Unicode, as UTF-16; a type of Binary that belongs to applications. */
const ILL_FORMED = 0x80;

/** Levels of members within members; the engine takes a hundred, with its own around the document's. */
const MOST_LEVELS = 90;

/**
 * The form that the engine keeps, readable by people; reading it back gives the same document.
 *
 * @throws RangeError if it has more than 90 levels
 */
export const toStored = (document: JsonObject): StoredObject => objectToStored(document, 1);

function objectToStored(document: JsonObject, level: number): StoredObject {
  if (level > MOST_LEVELS) throw new RangeError(`a document of more than ${MOST_LEVELS} levels cannot be stored`);
  return Object.fromEntries(
    Object.entries(document).flatMap(([member, value]) =>
      value === undefined ? [] : [[escapeMember(member), valueToStored(value, level)]],
    ),
  );
}

export const fromStored = (stored: StoredObject): JsonObject =>
  Object.fromEntries(Object.entries(stored).map(([member, value]) => [unescapeMember(member), valueFromStored(value)]));

function valueToStored(value: Json, level: number): StoredValue {
  if (typeof value === 'string') return value.isWellFormed() ? value : asBinary(value);
  // What JSON makes of them, and so every other store: it knows neither a negative zero nor what is not finite.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null) return value;
  if (!isList(value)) return objectToStored(value, level + 1);
  if (level >= MOST_LEVELS) throw new RangeError(`a document of more than ${MOST_LEVELS} levels cannot be stored`);
  return value.map((item) => {
    const stored = valueToStored(item, level + (typeof item === 'object' ? 2 : 1));
    return isStoredList(stored) ? { [LIST]: stored } : stored;
  });
}

function valueFromStored(value: StoredValue): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Binary) return Buffer.from(value.buffer).toString('utf16le');
  if (!isStoredList(value)) return fromStored(value);
  return value.map((item) => valueFromStored(listWithin(item) ?? item));
}

function listWithin(item: StoredValue): readonly StoredValue[] | undefined {
  if (typeof item !== 'object' || item === null || item instanceof Binary || isStoredList(item)) return undefined;
  const list = Object.hasOwn(item, LIST) ? item[LIST] : undefined;
  return list !== undefined && isStoredList(list) ? list : undefined;
}

const asBinary = (text: string): Binary => new Binary(Buffer.from(text, 'utf16le'), ILL_FORMED);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isStoredList = (value: StoredValue): value is readonly StoredValue[] => Array.isArray(value);

/** What has a meaning in names of members, or none that the engine knows: `.`, a leading `$`, NUL, halves of characters. */
const SPECIAL = /[%.\0\p{Cs}]|^\$/gu;

function escapeMember(member: string): string {
  if (member === '') return '%';
  if (isSpecialToDriver(member)) return escapeCharacter(member.charAt(0)) + member.slice(1);
  return member.replace(SPECIAL, escapeCharacter);
}

/** It tells its own types by one member, and looks names up in objects that inherit some (`constructor`, `__proto__`). */
const isSpecialToDriver = (member: string): boolean => member === '_bsontype' || member in Object.prototype;

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0xff ? `%u${code.toString(16)}` : `%${code.toString(16).padStart(2, '0')}`;
}

const unescapeMember = (member: string): string =>
  member === '%'
    ? ''
    : member.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/g, (_, wide?: string, narrow?: string) =>
        String.fromCharCode(parseInt(wide ?? narrow ?? '', 16)),
      );
