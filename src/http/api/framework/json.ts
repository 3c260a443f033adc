/** Half a character, which JSON may spell and no text can hold: what is canonical has no form for it. */
const MAYBE_HALF = /\\u[dD][89a-fA-F]/;

/** JSON whose texts are texts. @throws SyntaxError */
export function parsedJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (MAYBE_HALF.test(text) && !isWhole(value)) throw new SyntaxError('half a character stands alone');
  return value;
}

function isWhole(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWhole(member));
}
