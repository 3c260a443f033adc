import Type from 'typebox';
import type { TagFilter } from '../../../projections/tagListing.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Message } from '../framework/problems.js';
import { flagParameter, integerParameter, textParameter } from '../framework/query.js';
import { momentParameter, pastOf } from './past.js';
import { TagView, tagViews } from './views.js';

const MOST = 100;
const UNSUPPORTED =
  "Unsupported syntax for filter_tag_name. Expected <operation>:<tag_name> where <operation>can be 'like' or 'eq'.";

/** @throws Message for a text without an operation; an unknown operation filters nothing */
function nameFilter(text: string | undefined): Pick<TagFilter, 'name' | 'like'> {
  if (text === undefined || text === '') return {};
  const colon = text.indexOf(':');
  if (colon < 0) throw new Message(400, UNSUPPORTED);
  const [operation, value] = [text.slice(0, colon), text.slice(colon + 1)];
  if (operation === 'eq') return { name: value };
  return operation === 'like' && value !== '' ? { like: value } : {};
}

/** Both must hold; a tag has one name. */
function combined(exact: string | undefined, filter: Pick<TagFilter, 'name' | 'like'>): typeof filter | undefined {
  if (exact === undefined) return filter;
  return filter.name === undefined || filter.name === exact ? { ...filter, name: exact } : undefined;
}

/** The tags of a repository and all that they were (contract: repositories §3.2). */
export function tagListEndpoints(api: Api): readonly Endpoint[] {
  const { queries, rules } = api;
  return [
    endpoint({
      operation: 'listRepoTags',
      method: 'GET',
      path: '/api/v1/repository/{repository}/tag/',
      module: 'tag',
      summary: 'List the tags of a repository, with their history.',
      scope: 'repo:read',
      access: rules.repository('read'),
      query: {
        specificTag: textParameter('Filters the tags to the specific tag.'),
        filter_tag_name: textParameter(
          'Syntax: <op>:<name> Filters the tag names based on the operation. <op> can be "like" or "eq".',
        ),
        limit: integerParameter('Limit to the number of results to return per page. Max 100.', 50),
        page: integerParameter('Page index for the results. Default 1.', 1),
        onlyActiveTags: flagParameter('Filter to only active tags.'),
        at: momentParameter,
      },
      answers: {
        200: Type.Object({ tags: Type.Array(TagView), page: Type.Integer(), has_additional: Type.Boolean() }),
      },
      handle: async (call) => {
        const { target, query, now } = call;
        const { id } = target.repository;
        const limit = Math.min(Math.max(query.limit, 1), MOST);
        const page = Math.max(query.page, 1);
        const specific = query.specificTag === '' ? undefined : query.specificTag;
        const filter = combined(specific, nameFilter(query.filter_tag_name));
        if (!filter) return answer(200, { tags: [], page, has_additional: false });
        const window = { offset: limit * (page - 1), limit };
        const { rows, hasMore } =
          query.at === undefined
            ? await queries.tagListing.list(id, { ...filter, onlyAlive: query.onlyActiveTags }, window, now)
            : await queries.tagListing.listAt(
                id,
                { ...filter, ...(await pastOf(api, call, target, query.at)) },
                window,
              );
        return answer(200, { tags: await tagViews(queries, id, rows), page, has_additional: hasMore });
      },
    }),
  ];
}
