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

export type Listed<Document> = { readonly documents: readonly Document[]; readonly next: string | undefined };

type Listing<Document> = {
  /** Its name in page tokens. */
  readonly name: string;
  readonly tokens: PageTokens;
  readonly page: (limit: number, cursor?: string) => Promise<Page<Document>>;
  readonly wanted?: (document: Document) => boolean;
};

/**
 * A page where a limit was given, else everything (contract: superuser §1).
 *
 * @throws InvalidRequest
 */
export async function listed<Document extends JsonObject>(
  { name, tokens, page, wanted = () => true }: Listing<Document>,
  query: { readonly limit: number | undefined; readonly next_page: string | undefined },
): Promise<Listed<Document>> {
  const limit = query.limit !== undefined && query.limit > 0 ? query.limit : undefined;
  if (limit !== undefined && limit > LONGEST_PAGE) throw new InvalidRequest('Page limit cannot be above 100');
  const documents: Document[] = [];
  let cursor = limit === undefined ? undefined : await tokens.read(name, query.next_page);
  for (;;) {
    const read = await page(limit === undefined ? BATCH : limit - documents.length, cursor);
    documents.push(...read.documents.filter(wanted));
    cursor = read.cursor;
    if (cursor === undefined) return { documents, next: undefined };
    if (documents.length === limit) return { documents, next: await tokens.issue(name, cursor) };
  }
}
