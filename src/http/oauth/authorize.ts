import { scopeInfo } from '../../domain/oauth/scopes.js';
import { withQuery } from '../../domain/oauth/redirectUri.js';
import type { Portraits } from '../api/shared/portraits.js';
import { readAsked, type Asked } from './asked.js';
import { scopesOf, type Client, type Grants } from './grants.js';
import { consentPage, messagePage } from './pages.js';
import { json, page, redirect, Refusal, refused, type Reply } from './replies.js';
import type { Person, Visit } from './visit.js';

export type AuthorizeOptions = {
  readonly grants: Grants;
  readonly portraits: Portraits;
  /** FEATURE_ASSIGN_OAUTH_TOKEN */
  readonly assignable: boolean;
  /** @throws Refusal while nothing may be written */
  readonly requireWritable: () => void;
};

const stop = (status: number, title: string, message: string): Refusal =>
  new Refusal(page(status, messagePage(title, message)));

export function requirePerson({ person }: Visit): Person {
  if (person) return person;
  throw stop(401, 'Please sign in', 'Sign in to this registry, then follow the link of the application again.');
}

/** An assignment is for a token, and only where there are assignments at all. */
export function checkAssignment({ assignmentId, responseType }: Asked, assignable: boolean): void {
  if (assignmentId === null || (assignable && responseType === 'token')) return;
  throw stop(400, 'Invalid request', 'An assigned authorization is for a token, where this registry allows it.');
}

/** Asks a user whether an application may act for him (contract: organizations §7.3, `GET /oauth/authorize`). */
export const authorize =
  ({ grants, portraits, assignable, requireWritable }: AuthorizeOptions) =>
  async (visit: Visit): Promise<Reply> => {
    const asked = readAsked(visit.query);
    const person = requirePerson(visit);
    checkAssignment(asked, assignable);
    const client = await grants.client(asked.clientId);
    if (!client) throw stop(404, 'Unknown application', 'There is no such application.');
    if (!(await grants.rightOf(person, client, asked))) {
      throw stop(403, 'Not allowed', 'Only administrators of its organization may authorize this application.');
    }
    if (await grants.wasGranted(person, client, asked)) {
      requireWritable();
      return grants.issue(person, client, asked);
    }
    if (!grants.mayRedirect(asked.redirectUri, client)) return mismatch(grants, client);
    const scopes = scopesOf(asked);
    if (!scopes) throw stop(404, 'Unknown scope', 'The application asks for something that does not exist.');

    const { application, namespace } = client;
    const { name, description, applicationUri: url } = application;
    const infos = scopes.map(scopeInfo);
    const fields = {
      response_type: asked.responseType,
      client_id: asked.clientId,
      redirect_uri: asked.redirectUri,
      scope: asked.scope,
      state: asked.state,
      assignment_uuid: asked.assignmentId,
    };
    const csrf = visit.session.csrf;
    if (visit.query.get('format') !== 'json') {
      const about = { application: { name, description, url }, organization: namespace.name, scopes: infos };
      const { redirectUri } = asked;
      const hidden = { ...fields, _csrf_token: csrf };
      return page(200, consentPage({ ...about, redirectUri, username: person.caller.name, fields: hidden }));
    }
    const avatar = JSON.stringify(await portraits.application(application, namespace));
    const owner = JSON.stringify(await portraits.organization(namespace));
    return json(200, {
      scopes: infos,
      has_dangerous_scopes: infos.some(({ dangerous }) => dangerous),
      application: { name, description, url, avatar, organization: { name: namespace.name, avatar: owner } },
      ...fields,
      csrf_token_val: csrf,
    });
  };

/** To where the application is at home, if that is a place at all. */
function mismatch(grants: Grants, client: Client): Reply {
  const { redirectUri } = client.application;
  if (!grants.mayRedirect(redirectUri, client)) throw refused(400, 'invalid_request');
  return redirect(withQuery(redirectUri, { error: 'redirect_uri_mismatch' }));
}
