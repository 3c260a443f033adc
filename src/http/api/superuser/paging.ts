import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { Page } from '../../../ports/documentStore.js';
import type { PageTokens } from '../framework/pageTokens.js';
import { InvalidRequest } from '../framework/problems.js';
import { integerParameter, textParameter } from '../framework/query.js';

export const pageParameters = {
  limit: integerParameter('Limit to the number of results to return per page. Max 100.'),
  next_page: textParameter('The page token for the next page'),
};

const LONGEST_PAGE = 100;
/** How many are read at a time where all are wanted. */
const BATCH = 500;

export type Listed<View> = { readonly views: View[]; readonly next: string | undefined };

type Listing<Document, View> = {
  /** Its name in page tokens. */
  readonly name: string;
  readonly tokens: PageTokens;
  readonly page: (limit: number, cursor?: string) => Promise<Page<Document>>;
  readonly wanted?: (document: Document) => boolean;
  readonly view: (document: Document) => Promise<View>;
};

/**
 * A page where a limit was given, else everything (contract: superuser §1).
 *
 * @throws InvalidRequest
 */
export async function listed<Document extends JsonObject, View>(
  { name, tokens, page, view, wanted = () => true }: Listing<Document, View>,
  query: { readonly limit: number | undefined; readonly next_page: string | undefined },
): Promise<Listed<View>> {
  const limit = query.limit !== undefined && query.limit > 0 ? query.limit : undefined;
  if (limit !== undefined && limit > LONGEST_PAGE) throw new InvalidRequest('Page limit cannot be above 100');
  const views: View[] = [];
  let cursor = limit === undefined ? undefined : await tokens.read(name, query.next_page);
  for (;;) {
    const read = await page(limit === undefined ? BATCH : limit - views.length, cursor);
    views.push(...(await Promise.all(read.documents.filter(wanted).map(view))));
    cursor = read.cursor;
    if (cursor === undefined) return { views, next: undefined };
    if (views.length === limit) return { views, next: await tokens.issue(name, cursor) };
    // Everybody else has a turn between two batches.
    await nextTurn();
  }
}
