/**
 * The pieces of text under which a repository can be found. What a query looks for has at least one of them in common
 * with whatever it finds; whether it really matches is looked at afterwards.
 */
export type Gram = string;

/** What every repository is found under. */
export const EVERY: Gram = '';

const NAME_WORD = /[a-z0-9]+/g;
const TEXT_WORD = /[\p{L}\p{N}]+/gu;

/** Descriptions are long; what is found by one stands at its beginning. */
const DESCRIPTION_CHARACTERS = 10_000;
const DESCRIPTION_GRAMS = 100;
const LENGTH = 3;

const part = (piece: string): Gram => piece;
const beginning = (piece: string): Gram => `^${piece}`;
/** By characters: half of one would be no text. */
const described = (word: string): Gram => `~${Array.from(word).slice(0, LENGTH).join('')}`;

/** All words of a text that are long enough to be looked for in descriptions. */
export const textWords = (text: string): readonly string[] =>
  (text.slice(0, DESCRIPTION_CHARACTERS).toLowerCase().match(TEXT_WORD) ?? []).filter(
    (word) => Array.from(word).length >= LENGTH,
  );

export const nameWords = (name: string): readonly string[] => name.match(NAME_WORD) ?? [];

/** Every three neighbouring characters. */
const trigrams = (text: string): string[] =>
  Array.from({ length: Math.max(text.length - LENGTH + 1, 0) }, (_, at) => text.slice(at, at + LENGTH));

/** Under what a repository is found: parts of its name, beginnings of words of its name and of its description. */
export function gramsOf(name: string, description: string): readonly Gram[] {
  const beginnings = nameWords(name).flatMap((word) => [word.slice(0, 1), word.slice(0, 2)]);
  const words = new Set(textWords(description).map(described));
  const grams = [EVERY, ...trigrams(name).map(part), ...beginnings.map(beginning)];
  return [...new Set([...grams, ...[...words].slice(0, DESCRIPTION_GRAMS)])];
}

/** How to find what a query looks for. */
export type Plan = {
  /** Whatever matches is found under each of these; under which of them it is looked for is a matter of speed. */
  readonly grams: readonly Gram[];
  readonly matches: (text: { readonly name: string; readonly description: string }) => boolean;
  /** Whether the name alone tells that it cannot match. */
  readonly excludes: (name: string) => boolean;
};

/** Names that have each word of the query in them, or begin a word with it where it is shorter than three letters. */
export function namePlan(query: string): Plan {
  const sought = query.toLowerCase().split(/\s+/).filter(Boolean);
  const [long, short] = [sought.filter(isLong), sought.filter((word) => !isLong(word))];
  const grams = long.length > 0 ? long.flatMap(trigrams).map(part) : short.map(beginning);
  const fits = (name: string): boolean =>
    long.every((word) => name.includes(word)) &&
    short.every((start) => nameWords(name).some((word) => word.startsWith(start)));
  return {
    grams: grams.length > 0 ? [...new Set(grams)] : [EVERY],
    matches: ({ name }) => fits(name),
    excludes: (name) => !fits(name),
  };
}

/** Descriptions in which each word of the query begins a word; undefined if the query has no word that is long enough. */
export function descriptionPlan(query: string): Plan | undefined {
  const sought = textWords(query);
  if (sought.length === 0) return undefined;
  return {
    grams: [...new Set(sought.map(described))],
    matches: ({ description }) => {
      const words = textWords(description);
      return sought.every((start) => words.some((word) => word.startsWith(start)));
    },
    excludes: () => false,
  };
}

const isLong = ({ length }: string): boolean => length >= LENGTH;
