/** What a client accepts, from all its `Accept` lines. Quality and parameters are not looked at (contract v2 §8). */
export type Accepted = {
  readonly types: ReadonlySet<string>;
  /** No line at all, an empty one, or one of the wildcards that stand for every manifest. */
  readonly anything: boolean;
};

/** Clients send few different headers; each is taken apart once. Bounded in number and in length of text. */
const MAX_KNOWN = 256;
const MAX_KNOWN_LENGTH = 2_048;
const known = new Map<string, Accepted>();

/** @param header the lines, or one line with commas as `node:http` joins them */
export function parseAccept(header: string | readonly string[] | undefined): Accepted {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  const found = known.get(text);
  if (found !== undefined) return found;
  const accepted = parse(text);
  if (text.length > MAX_KNOWN_LENGTH) return accepted;
  // Starting anew is rare, simple, and costs each header one more parsing.
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, accepted);
  return accepted;
}

function parse(text: string): Accepted {
  const types = new Set<string>();
  for (const range of text.split(',')) {
    const semicolon = range.indexOf(';');
    const type = (semicolon === -1 ? range : range.slice(0, semicolon)).trim().toLowerCase();
    if (type !== '') types.add(type);
  }
  return { types, anything: types.size === 0 || WILDCARDS.some((wildcard) => types.has(wildcard)) };
}

const WILDCARDS = ['*/*', '*', 'application/*'];
