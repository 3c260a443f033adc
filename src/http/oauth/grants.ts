import { TOKEN_SECONDS, type ApplicationCommands } from '../../commands/applications.js';
import type { AuthorizationCodes } from '../../commands/authorizations.js';
import { may, withoutPrivilege } from '../../domain/access.js';
import { covers, isScopeText, parseScopes, type Scope } from '../../domain/oauth/scopes.js';
import { isAllowedRedirect, withQuery } from '../../domain/oauth/redirectUri.js';
import {
  ApplicationUnknown,
  AssignmentUnknown,
  TokenLimitReached,
} from '../../domain/organization/application/errors.js';
import type { AccountId, NamespaceId } from '../../domain/shared/ids.js';
import { isAlive } from '../../domain/shared/time.js';
import type { Clock } from '../../ports/clock.js';
import type { ApplicationQueries } from '../../projections/applicationQueries.js';
import type { ApplicationDocument } from '../../projections/applications.js';
import type { Directory } from '../../projections/directory.js';
import type { NamespaceDocument, NamespaceQueries } from '../../projections/namespaces.js';
import type { Asked } from './asked.js';
import { redirect, refused, type Reply } from './replies.js';
import type { Person } from './visit.js';

export type GrantsOptions = {
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'namespaceFacts' | 'policy'>;
  readonly applications: ApplicationQueries;
  readonly namespaces: Pick<NamespaceQueries, 'byId'>;
  readonly commands: {
    readonly applications: Pick<ApplicationCommands, 'issueToken'>;
    readonly authorizationCodes: Pick<AuthorizationCodes, 'grant'>;
  };
  /** Our own page, to which every application may send its users. */
  readonly localHandler: string;
};

export type Client = { readonly application: ApplicationDocument; readonly namespace: NamespaceDocument };

/** Why somebody may let an application act for him; `assignmentId` is used up by it. */
export type Right = { readonly assignmentId: string | null };

/** What users grant to applications, and how that is told to them (contract: organizations §7.3, "Issuing"). */
export class Grants {
  constructor(private readonly options: GrantsOptions) {}

  async client(clientId: string): Promise<Client | undefined> {
    const application = await this.options.applications.application(clientId);
    const namespace = application && (await this.options.namespaces.byId(application.namespaceId));
    return namespace && { application, namespace };
  }

  mayRedirect(redirectUri: string, client: Client | undefined): boolean {
    return isAllowedRedirect(redirectUri, client?.application.redirectUri ?? '', this.options.localHandler);
  }

  /** Administrators of the organization may, and who it was assigned to; being a superuser does not help. */
  async rightOf(person: Person, { application, namespace }: Client, asked: Asked): Promise<Right | undefined> {
    if (await this.#isAssigned(person, application, asked)) return { assignmentId: asked.assignmentId };
    return (await this.administers(person, namespace)) ? { assignmentId: null } : undefined;
  }

  async administers({ subject, caller }: Person, namespace: NamespaceDocument): Promise<boolean> {
    const there = await this.options.directory.namespaceFacts(caller, namespace);
    const act = { on: 'namespace', to: 'administer', there } as const;
    return may(withoutPrivilege(subject), act, this.options.directory.policy);
  }

  /** Whether he granted as much to this application before: he need not be asked again. */
  async wasGranted({ caller }: Person, { application }: Client, asked: Asked): Promise<boolean> {
    const scopes = scopesOf(asked);
    if (!scopes) return false;
    const tokens = await this.options.applications.tokensOf(caller.id);
    const now = this.options.clock.now();
    const granted = tokens.filter(
      ({ clientId, expires }) => clientId === application.clientId && isAlive(expires, now),
    );
    const held = granted.flatMap(({ scope }) => parseScopes(scope));
    return covers(held, scopes);
  }

  /** Sends the user back with what he granted, or with why not; never to where the application may not send him. */
  async issue(person: Person, client: Client | undefined, asked: Asked): Promise<Reply> {
    if (!this.mayRedirect(asked.redirectUri, client)) throw refused(400, 'invalid_request');
    const { responseType } = asked;
    if (responseType !== 'code' && responseType !== 'token') return failed(asked, 'unsupported_response_type');
    if (!client) return failed(asked, 'unauthorized_client');
    if (responseType === 'code') return this.#issueCode(person, client, asked);
    const right = await this.rightOf(person, client, asked);
    if (!right) return failed(asked, 'access_denied');
    return this.#issueToken(person, client, asked, right);
  }

  async #issueCode({ caller }: Person, { application }: Client, asked: Asked): Promise<Reply> {
    if (!scopesOf(asked)) return failed(asked, 'invalid_scope');
    const { clientId, namespaceId } = application;
    const { redirectUri, scope, state } = asked;
    const owners = { namespaceId: namespaceId as NamespaceId, accountId: caller.id as AccountId };
    const code = await this.options.commands.authorizationCodes.grant({ ...owners, clientId, redirectUri, scope });
    return redirect(withQuery(redirectUri, { scope, state, code }));
  }

  async #issueToken(person: Person, { application }: Client, asked: Asked, right: Right): Promise<Reply> {
    const scopes = scopesOf(asked);
    if (!scopes) return failed(asked, 'invalid_scope');
    const { clientId, namespaceId } = application;
    const accountId = person.caller.id as AccountId;
    const order = { clientId, accountId, issuedBy: accountId, scopes, name: null, lifetimeSeconds: TOKEN_SECONDS };
    try {
      const { token } = await this.options.commands.applications.issueToken(
        namespaceId as NamespaceId,
        { ...order, ...right },
        person.context,
      );
      const { redirectUri, scope, state } = asked;
      const fragment = new URLSearchParams({
        access_token: token,
        token_type: 'Bearer',
        expires_in: `${TOKEN_SECONDS}`,
      });
      return redirect(`${withQuery(redirectUri, { scope, state })}#${fragment.toString()}`);
    } catch (error) {
      // The assignment was used, or the application removed, while he made up his mind; or there are too many tokens.
      const denied = [ApplicationUnknown, AssignmentUnknown, TokenLimitReached].some((each) => error instanceof each);
      if (denied) return failed(asked, 'access_denied');
      throw error;
    }
  }

  async #isAssigned({ caller }: Person, { clientId }: ApplicationDocument, asked: Asked): Promise<boolean> {
    if (asked.assignmentId === null) return false;
    const assignment = await this.options.applications.assignment(asked.assignmentId);
    if (assignment?.clientId !== clientId || assignment.accountId !== caller.id) return false;
    const scopes = scopesOf(asked);
    // Who asks for what nobody knows is told so by whoever looks at scopes.
    return scopes === undefined || covers(parseScopes(assignment.scope), scopes);
  }
}

/** Undefined if one is unknown. */
export const scopesOf = ({ scope }: Pick<Asked, 'scope'>): readonly Scope[] | undefined =>
  isScopeText(scope) ? parseScopes(scope) : undefined;

/** Back to the application with an error; its state comes back, too (RFC 6749 §4.1.2.1). */
const failed = ({ redirectUri, state }: Asked, error: string): Reply =>
  redirect(withQuery(redirectUri, { error, state }));
