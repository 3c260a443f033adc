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
  readonly clientId: ClientId;
  /** What its users see. */
  readonly name: string;
  /** What it is for, in words; may be empty. */
  readonly description: string;
  /** Its home page; may be empty. */
  readonly applicationUri: string;
  /** How the addresses begin to which its users are sent back; empty: only this registry's own page. */
  readonly redirectUri: string;
  /** An e-mail address that seeds its avatar; null: none. */
  readonly avatarEmail: Sealed | null;
};

/** Client id of an OAuth application. */
export type ClientId = string;

/** UUID of a token of an OAuth application. */
export type ApplicationTokenId = string;

/** UUID of an offer to make a token for an application. */
export type AssignmentId = string;

/** OAuth applications of a namespace, in the stream `organization-<namespaceId>` (contract: organizations §7). */
export type ApplicationEvents = {
  /** An organization, or a user, has an OAuth application. */
  ApplicationRegistered: ApplicationFacts & {
    /** Its client secret. */
    readonly secret: Sealed;
  };
  /** It says other things of itself; all of them. */
  ApplicationChanged: ApplicationFacts;
  /** It has another client secret; the one before is void. */
  ApplicationSecretReset: {
    readonly clientId: ClientId;
    /** The new one. */
    readonly secret: Sealed;
  };
  /** Its tokens and assignments end with it. */
  ApplicationRemoved: { readonly clientId: ClientId };
  /** Somebody let an application act as him. The token itself is kept nowhere. */
  ApplicationTokenIssued: {
    readonly tokenId: ApplicationTokenId;
    readonly clientId: ClientId;
    /** As whom it acts. */
    readonly accountId: AccountId;
    /** How far it reaches: scopes, separated by single spaces. */
    readonly scope: string;
    /** Null for one that somebody granted in a browser. */
    readonly name: string | null;
    /** HMAC of the token, to recognize it by. */
    readonly lookup: string;
    /** When it stops being valid; null: never. */
    readonly expires: Timestamp | null;
    /** Who made it. */
    readonly issuedBy: AccountId;
  };
  /** The token is void. */
  ApplicationTokenRevoked: { readonly tokenId: ApplicationTokenId; readonly from: TokenRevocation };
  /** An administrator lets somebody else make a token for the application; who that is must still agree. */
  AuthorizationAssigned: {
    readonly assignmentId: AssignmentId;
    readonly clientId: ClientId;
    /** Who may make the token. */
    readonly accountId: AccountId;
    /** Where he is sent with it. */
    readonly redirectUri: string;
    /** How far it will reach: scopes, separated by single spaces. */
    readonly scope: string;
    /** `token` or `code`, as OAuth has it. */
    readonly responseType: string;
  };
  /** It was used, or withdrawn. */
  AuthorizationAssignmentRemoved: { readonly assignmentId: AssignmentId };
};
