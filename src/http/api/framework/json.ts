/** No body of the API needs more levels, and the stack of whatever walks through one has an end. */
const DEEPEST = 64;
/** How deep a member of the body lies. */
const MEMBER = 1;

/**
 * JSON that can be kept: of few levels, without half a character, which JSON may spell and no text can hold, and without
 * numbers beyond what a number can be. What is canonical has no form for these. Numbers that are members of the body
 * itself are its endpoint's to judge: some are refused in the contract's words.
 *
 * @throws SyntaxError
 */
export function parsedJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!isFit(value, 0)) throw new SyntaxError('the JSON cannot be kept: it is too deep, or holds what has no form');
  return value;
}

function isFit(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) || depth === MEMBER;
  if (typeof value !== 'object' || value === null) return true;
  if (depth === DEEPEST) return false;
  if (Array.isArray(value)) return value.every((item) => isFit(item, depth + 1));
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isFit(member, depth + 1));
}
