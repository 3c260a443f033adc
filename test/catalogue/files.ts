import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** What is generated lies in the sources; programs and tests run from `dist`. */
const ROOT = new URL('../../../', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, ROOT));

export const CATALOGUE = path('src/http/api/events/catalogue.json');
export const BASELINE = path('docs/events/baseline.json');
export const GUIDE = path('docs/events.md');
export const EXAMPLES = path('examples/');

/** A document as it is committed, in the house's format. */
export const written = async (file: string, document: string): Promise<string> =>
  format(document, { ...(await resolveConfig(file)), filepath: file });
