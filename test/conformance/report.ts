export type Spec = { readonly name: string; readonly status: string };

/** Specs that the program has in the version that `test/tools` pins. */
export const SPECS = 79;

/** Specs that cannot run together with their opposite, or that need what was pushed by other means. */
const EXPECTED_TO_SKIP: readonly string[] = [
  'Pull Setup Get tag name from environment',
  'Content Discovery Setup Populate registry with test tags (no push)',
  'Cross-mounting of nonexistent blob should yield session id',
  'Cross-mounting without from, and automatic content discovery disabled should return a 202',
];

export const SPECS_TO_PASS = SPECS - EXPECTED_TO_SKIP.length;

export const isExpectedToSkip = (name: string): boolean => EXPECTED_TO_SKIP.some((expected) => name.endsWith(expected));

/** The specs of a report; what runs before and after all of them is no spec, but counts when it fails. */
export function readJunit(xml: string): Spec[] {
  const specs: Spec[] = [];
  for (const [, attributes = ''] of xml.matchAll(/<testcase ([^>]*)>/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const status = /\bstatus="([^"]*)"/.exec(attributes)?.[1] ?? 'unknown';
    if (name.startsWith('[It]') || status !== 'passed') specs.push({ name: decoded(name), status });
  }
  return specs;
}

const decoded = (text: string): string =>
  text.replace(/&(?:lt|gt|quot|apos|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&amp;': '&',
};
