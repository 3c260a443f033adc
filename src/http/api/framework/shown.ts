import { isJsonObject } from '../../../domain/shared/json.js';

const LONGEST = 200;

/** A value as the contract's messages show it, whose words come from Python: `'x'`, `None`, `['a', 'b']`. */
export function shown(value: unknown): string {
  const text = spelled(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function spelled(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${quoted(name)}: ${shown(member)}`);
  return `{${members.join(', ')}}`;
}

const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
