/** How well a name fits what was looked for, up to 1; a name in which it does not occur at all counts half. */
export function fuzzyMatch(name: string, query: string): number {
  const [text, sought] = [name.toLowerCase(), query.toLowerCase()];
  if (text === sought) return 1;
  if (text.startsWith(sought)) return 0.9;
  const at = text.indexOf(sought);
  if (at > 0) return isWordEnd(text[at - 1]) ? 0.85 : 0.8;
  return hasInOrder(text, sought) ? 0.6 : 0.5;
}

const isWordEnd = (character = ''): boolean => /[^a-z0-9]/.test(character);

/** Whether the letters occur one after the other, whatever is between them. */
function hasInOrder(text: string, letters: string): boolean {
  let at = -1;
  for (const letter of letters) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}
