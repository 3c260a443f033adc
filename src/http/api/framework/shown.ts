import { isJsonObject } from '../../../domain/shared/json.js';

const LONGEST = 200;
/** What lies deeper, or comes later, is cut off anyway: whoever sends a body decides how deep and long it is. */
const DEEPEST = 20;
const MOST = LONGEST;

/** A value as the contract's messages show it, whose words come from Python: `'x'`, `None`, `['a', 'b']`. */
export const shown = (value: unknown): string => shownAt(value, 0);

function shownAt(value: unknown, depth: number): string {
  const text = depth > DEEPEST ? '…' : spelled(value, depth + 1);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function spelled(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST).map((item) => shownAt(item, depth));
    return `[${items.join(', ')}]`;
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .slice(0, MOST)
    .map(([name, member]) => `${quoted(name)}: ${shownAt(member, depth)}`);
  return `{${members.join(', ')}}`;
}

const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
