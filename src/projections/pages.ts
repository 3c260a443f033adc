import type { JsonObject } from '../domain/shared/json.js';
import type { Collection, IndexQuery } from '../ports/documentStore.js';

const PAGE = 1_000;

/** Everything that a query finds, page by page: for what is bounded by how people work, such as the members of a team. */
export async function everything<Document extends JsonObject>(
  collection: Collection<Document>,
  query: Omit<IndexQuery, 'limit' | 'cursor'>,
): Promise<Document[]> {
  const found: Document[] = [];
  let page = await collection.find({ ...query, limit: PAGE });
  found.push(...page.documents);
  while (page.cursor !== undefined) {
    page = await collection.find({ ...query, limit: PAGE, cursor: page.cursor });
    found.push(...page.documents);
  }
  return found;
}
