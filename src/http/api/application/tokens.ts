import Type from 'typebox';
import { TOKEN_SECONDS } from '../../../commands/applications.js';
import { may, type AccessPolicy, type Caller } from '../../../domain/access.js';
import { covers, parseScopes, scopeText, type Scope } from '../../../domain/oauth/scopes.js';
import type { AccountId, NamespaceId } from '../../../domain/shared/ids.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { decimal, text } from '../framework/kinds.js';
import { Forbidden, Message, NotFound } from '../framework/problems.js';
import { textParameter } from '../framework/query.js';
import { applicationOf } from './found.js';
import { NewTokenView, TokenView, tokenView } from './views.js';

class NewToken {
  @required(text({ min: 1, max: 255 })) readonly name!: string;
  @required(text()) readonly scope!: string;
  @optional(decimal({ min: 1 })) readonly expiration?: number;
}

const PAGE = 50;
const ALL = '/api/v1/organization/{orgname}/applications/{client_id}/tokens';
const refusals: Refusals = {
  'application-unknown': () => new NotFound(),
  'application-token-unknown': () => new NotFound(),
};

/** What was asked for, checked in the contract's order. @throws Message, ScopeInvalid */
function asked(body: NewToken) {
  const name = body.name.trim();
  if (name === '') throw new Message(400, "'name' must not be empty");
  const scopes = parseScopes(body.scope);
  const seconds = body.expiration ?? TOKEN_SECONDS;
  if (!Number.isFinite(seconds)) throw new Message(400, "'expiration' must be a finite number of seconds");
  return { name, scopes, lifetimeSeconds: Math.min(seconds, TOKEN_SECONDS) };
}

/** Nobody gives a token more than he could use himself: neither as a person, nor with the token that he shows. */
function checkPower({ subject, scopes: held }: Incoming, wanted: readonly Scope[], policy: AccessPolicy): void {
  if (held !== undefined && !covers(held, wanted)) throw new Forbidden();
  if (!wanted.includes('super:user')) return;
  if (!may(subject, { on: 'instance', to: 'administer' }, policy)) throw new Forbidden();
}

/** A token acts for a person. */
function personOf(caller: Caller): Extract<Caller, { kind: 'user' }> {
  if (caller.kind !== 'user') throw new Forbidden();
  return caller;
}

/** Tokens of an application that are made without a browser (contract: organizations §7.2). */
export function applicationTokenEndpoints({
  commands,
  queries,
  rules,
  directory,
  pageTokens,
  lastUses,
}: Api): readonly Endpoint[] {
  const nameOf = async (accountId: string) => (await queries.accounts.byId(accountId))?.name ?? null;
  return [
    endpoint({
      operation: 'listOrganizationApplicationTokens',
      method: 'GET',
      path: ALL,
      module: 'organization_application_tokens',
      summary: 'List the live access tokens of an application.',
      scope: 'org:admin',
      access: rules.organization('audit'),
      query: { next_page: textParameter('The page token for the next page') },
      answers: {
        200: Type.Object({ tokens: Type.Array(TokenView), next_page: Type.Optional(Type.String()) }),
      },
      handle: async ({ path, query, target, now }) => {
        const { clientId } = await applicationOf(queries, target, path.client_id);
        const list = `application-tokens/${clientId}`;
        const before = await pageTokens.read(list, query.next_page);
        const page = await queries.applications.liveTokens(clientId, { now, limit: PAGE, before });
        const uses = await lastUses.of(page.tokens.map(({ id }) => ({ kind: 'oauth-token', id })));
        const tokens = await Promise.all(
          page.tokens.map(async (token, index) => tokenView(token, await nameOf(token.issuedBy), uses[index] ?? null)),
        );
        const last = page.tokens.at(-1);
        if (!page.more || !last) return answer(200, { tokens });
        return answer(200, { tokens, next_page: await pageTokens.issue(list, last.id) });
      },
    }),
    endpoint({
      operation: 'createOrganizationApplicationToken',
      method: 'POST',
      path: ALL,
      module: 'organization_application_tokens',
      summary: 'Create an access token of an application that acts for its creator.',
      scope: 'org:admin',
      access: rules.organization('administer'),
      body: NewToken,
      answers: { 200: NewTokenView },
      refusals,
      handle: async (call) => {
        const { path, body, target, context } = call;
        const { clientId } = await applicationOf(queries, target, path.client_id);
        const wanted = asked(body);
        checkPower(call, wanted.scopes, directory.policy);
        const caller = personOf(call.subject.caller);
        const accountId = caller.id as AccountId;
        const issued = await commands.applications.issueToken(
          target.id as NamespaceId,
          { ...wanted, clientId, accountId, issuedBy: accountId, assignmentId: null },
          context,
        );
        const { tokenId: id, created, expires, token } = issued;
        const shown = { id, name: wanted.name, scope: scopeText(wanted.scopes), created, expires };
        return answer(200, { ...tokenView(shown, caller.name, null), token });
      },
    }),
    endpoint({
      operation: 'deleteOrganizationApplicationToken',
      method: 'DELETE',
      path: `${ALL}/{token_uuid}`,
      module: 'organization_application_tokens',
      summary: 'Revoke an access token of an application.',
      scope: 'org:admin',
      access: rules.organization('administer'),
      answers: { 204: null },
      refusals,
      handle: async ({ path, target, context }) => {
        const { clientId } = await applicationOf(queries, target, path.client_id);
        const token = await queries.applications.token(path.token_uuid);
        if (token?.clientId !== clientId) throw new NotFound();
        const revocation = { tokenId: token.id, from: 'application' } as const;
        await commands.applications.revokeToken(target.id as NamespaceId, revocation, context);
        return answer(204, null);
      },
    }),
  ];
}
