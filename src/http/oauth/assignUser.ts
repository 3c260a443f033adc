import type { ApplicationCommands } from '../../commands/applications.js';
import type { AccountId, NamespaceId } from '../../domain/shared/ids.js';
import type { AccountQueries } from '../../projections/accounts.js';
import { PlainAbort, Refused } from '../api/framework/problems.js';
import { readAsked, requiredParameter } from './asked.js';
import { scopesOf, type Grants } from './grants.js';
import { messagePage } from './pages.js';
import { json, page, refused, type Reply } from './replies.js';
import { requireOwn, type Visit } from './visit.js';

export type AssignOptions = {
  readonly grants: Grants;
  readonly accounts: Pick<AccountQueries, 'byName'>;
  readonly commands: Pick<ApplicationCommands, 'assign'>;
  readonly assignable: boolean;
  readonly requireWritable: () => void;
};

const DONE = 'Token assigned successfully';

/** An administrator lets somebody else make a token (contract: organizations §7.4, checks in its order). */
export const assignUser =
  ({ grants, accounts, commands, assignable, requireWritable }: AssignOptions) =>
  async (visit: Visit): Promise<Reply> => {
    const asked = readAsked(visit.query);
    const username = requiredParameter(visit.query, 'username');
    requireOwn(visit);
    if (!assignable) throw new PlainAbort(404);
    if (visit.by !== 'session' || !visit.person) {
      throw new Refused(401, 'Method requires login and no valid login could be loaded.');
    }
    const account = await accounts.byName(username);
    if (account?.disabled !== false) throw new PlainAbort(404);
    const client = await grants.client(asked.clientId);
    if (!client) throw new PlainAbort(404);
    if (!(await grants.administers(visit.person, client.namespace))) throw new PlainAbort(403);
    // What could not be used is not kept.
    const scopes = scopesOf(asked);
    if (!scopes) throw refused(400, 'invalid_scope');
    const { clientId, redirectUri, responseType } = asked;
    if (!grants.mayRedirect(redirectUri, client)) throw refused(400, 'invalid_request');
    requireWritable();
    await commands.assign(
      client.namespace.id as NamespaceId,
      { clientId, accountId: account.id as AccountId, redirectUri, scopes, responseType },
      visit.person.context,
    );
    if (visit.query.get('format') === 'json') return json(200, { message: DONE });
    return page(200, messagePage(DONE, `${account.name} finds it among the authorized applications.`));
  };
