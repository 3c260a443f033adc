import { requirePerson } from './authorize.js';
import { localPage, messagePage } from './pages.js';
import { json, page, type Reply } from './replies.js';
import type { Visit } from './visit.js';

/** Where a token lands that somebody made for himself (contract: organizations §7.3, `GET /oauth/localapp`). */
export const localApp = (visit: Visit): Promise<Reply> => {
  requirePerson(visit);
  const { query } = visit;
  if (!query.has('scope')) {
    return Promise.resolve(page(200, messagePage('Authorization canceled', 'No token was made.')));
  }
  if (query.get('format') === 'json') return Promise.resolve(json(200, { access_token: query.get('access_token') }));
  return Promise.resolve(page(200, localPage));
};
