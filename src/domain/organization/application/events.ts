import type { AccountId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';
import type { Timestamp } from '../../shared/time.js';

/**
 * Who took a token away: who administers the `application`, its `owner`, or the `registry` because the code that it was
 * made for came a second time. Usage logs tell of `application` only.
 */
export type TokenRevocation = 'application' | 'owner' | 'registry';

/** What an application says of itself. The e-mail, sealed for the namespace, only seeds its avatar. */
type ApplicationFacts = {
  readonly clientId: string;
  readonly name: string;
  readonly description: string;
  readonly applicationUri: string;
  /** How the addresses begin to which its users are sent back; empty: only this registry's own page. */
  readonly redirectUri: string;
  readonly avatarEmail: Sealed | null;
};

/** OAuth applications of a namespace, in the stream `organization-<namespaceId>` (contract: organizations §7). */
export type ApplicationEvents = {
  ApplicationRegistered: ApplicationFacts & { readonly secret: Sealed };
  ApplicationChanged: ApplicationFacts;
  ApplicationSecretReset: { readonly clientId: string; readonly secret: Sealed };
  /** Its tokens and assignments end with it. */
  ApplicationRemoved: { readonly clientId: string };
  /** A token acts as the account; by `lookup`, an HMAC, it is recognized. The token itself is kept nowhere. */
  ApplicationTokenIssued: {
    readonly tokenId: string;
    readonly clientId: string;
    readonly accountId: AccountId;
    /** Scopes, separated by single spaces. */
    readonly scope: string;
    /** Null for one that somebody granted in a browser. */
    readonly name: string | null;
    readonly lookup: string;
    readonly expires: Timestamp | null;
    readonly issuedBy: AccountId;
  };
  ApplicationTokenRevoked: { readonly tokenId: string; readonly from: TokenRevocation };
  /** An administrator lets somebody else make a token for the application; who that is must still agree. */
  AuthorizationAssigned: {
    readonly assignmentId: string;
    readonly clientId: string;
    readonly accountId: AccountId;
    readonly redirectUri: string;
    readonly scope: string;
    readonly responseType: string;
  };
  /** It was used, or withdrawn. */
  AuthorizationAssignmentRemoved: { readonly assignmentId: string };
};
