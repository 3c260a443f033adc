import canonicalize from 'canonicalize';
import type { Json, JsonObject } from './json.js';

/**
 * Canonical JSON (RFC 8785): members in the order of their names' UTF-16 code units, no white space. Members that are
 * undefined are left out. Gives what `canonicalize` gives, four times as fast, because the engine's own serializer does
 * the work; what that one would spell in another way goes to `canonicalize`.
 *
 * @throws Error for what has no canonical form: a number that is not finite, a lone surrogate
 */
export function canonicalJson(value: Json): string {
  const sorted = inOrder(value);
  return (sorted === UNUSUAL ? canonicalize(value) : JSON.stringify(sorted)) ?? '';
}

const UNUSUAL = Symbol('unusual');
type Sorted = Json | undefined;

/** A copy with all members in canonical order. */
function inOrder(value: Sorted): Sorted | typeof UNUSUAL {
  if (typeof value === 'string') return value.isWellFormed() ? value : UNUSUAL;
  if (typeof value === 'number') return Number.isFinite(value) ? value : UNUSUAL;
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? itemsInOrder(value) : membersInOrder(value);
}

function membersInOrder(value: JsonObject): Sorted | typeof UNUSUAL {
  const copy: Record<string, Sorted> = {};
  for (const name of Object.keys(value).sort()) {
    if (isUnusualName(name)) return UNUSUAL;
    const member = inOrder(value[name]);
    if (member === UNUSUAL) return UNUSUAL;
    copy[name] = member;
  }
  return copy;
}

function itemsInOrder(value: readonly Json[]): Sorted | typeof UNUSUAL {
  const copy: Json[] = [];
  for (const item of value) {
    const sorted = inOrder(item);
    if (sorted === UNUSUAL) return UNUSUAL;
    copy.push(sorted ?? null);
  }
  return copy;
}

/** `Array.isArray` does not tell a readonly array from an object. */
const isList = (value: object): value is readonly Json[] => Array.isArray(value);

/** Objects keep numbers before other names, whatever the order of insertion, and assigning `__proto__` makes no member. */
function isUnusualName(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || name === '__proto__' || !name.isWellFormed();
}
