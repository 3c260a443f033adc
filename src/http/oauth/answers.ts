import { withQuery } from '../../domain/oauth/redirectUri.js';
import { Refused } from '../api/framework/problems.js';
import { readAsked } from './asked.js';
import { checkAssignment, requirePerson } from './authorize.js';
import type { Grants } from './grants.js';
import { redirect, refused, type Reply } from './replies.js';
import { requireOwn, type Visit } from './visit.js';

export type AnswersOptions = {
  readonly grants: Grants;
  readonly assignable: boolean;
  /** DIRECT_OAUTH_CLIENTID_WHITELIST: their users' own programs may approve for them, with their password. */
  readonly direct: ReadonlySet<string>;
  readonly requireWritable: () => void;
};

/** He agrees (contract: organizations §7.3, `POST /oauth/authorizeapp`). */
export const approve =
  ({ grants, assignable, direct, requireWritable }: AnswersOptions) =>
  async (visit: Visit): Promise<Reply> => {
    const person = requirePerson(visit);
    const asked = readAsked(visit.form);
    if (visit.by !== 'basic' || !direct.has(asked.clientId)) requireOwn(visit);
    checkAssignment(asked, assignable);
    requireWritable();
    return grants.issue(person, await grants.client(asked.clientId), asked);
  };

/** He does not (`POST /oauth/denyapp`). */
export const deny =
  ({ grants }: Pick<AnswersOptions, 'grants'>) =>
  async (visit: Visit): Promise<Reply> => {
    if (visit.by !== 'session') {
      throw new Refused(401, 'Method requires login and no valid login could be loaded.');
    }
    requireOwn(visit);
    const asked = readAsked(visit.form);
    const { redirectUri } = asked;
    if (!grants.mayRedirect(redirectUri, await grants.client(asked.clientId))) throw refused(400, 'invalid_request');
    return redirect(withQuery(redirectUri, { error: 'authorization_denied' }));
  };
