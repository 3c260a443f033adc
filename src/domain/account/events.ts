import type { EventsOf } from '../shared/event.js';
import type { NamespaceId, RepositoryId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import type { Timestamp } from '../shared/time.js';

/** The stream `account-<id>`: one person. The name is public; e-mail, profile and secrets are sealed. */
export type AccountEvents = {
  AccountRegistered: {
    readonly name: string;
    readonly namespaceId: NamespaceId;
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key, to look it up by. */
    readonly emailHmac: string | null;
    readonly verified: boolean;
  };
  /** The namespace is renamed by an event of its own. */
  AccountRenamed: { readonly name: string };
  /** The address of the registration is proven to be his. */
  EmailVerified: Record<string, never>;
  /** A changed address is a proven one, or nobody asks for proof. */
  EmailChanged: { readonly email: Sealed | null; readonly emailHmac: string | null };
  /** JSON of `given_name`, `family_name`, `company` and `location`; null: he tells nothing of himself. */
  ProfileChanged: { readonly profile: Sealed | null };
  /** The hash in PHC form (argon2id). Each change is a new generation: what an older one issued is void. */
  PasswordChanged: { readonly passwordHash: Sealed; readonly generation: number };
  SuperuserGranted: Record<string, never>;
  SuperuserRevoked: Record<string, never>;
  AccountDisabled: Record<string, never>;
  AccountEnabled: Record<string, never>;
  /** Somebody signed in with a password, for the usage log. */
  SignedIn: Record<string, never>;
  /** Every session that began before is over (sign-out: contract, accounts §2). Counts the times that this happened. */
  SessionsEnded: { readonly generation: number };
  /** His password was encrypted for a client to store. */
  ClientKeyGenerated: Record<string, never>;
  /** A password for one application of his, with all his rights in the registry protocol. */
  AppTokenIssued: {
    readonly tokenId: string;
    readonly title: string;
    /** HMAC of the first half of the token, to find it by. */
    readonly lookup: string;
    /** The whole token: its owner may look at it again. */
    readonly token: Sealed;
    readonly expires: Timestamp | null;
  };
  AppTokenRevoked: { readonly tokenId: string };
  RepositoryStarred: { readonly repositoryId: RepositoryId };
  RepositoryUnstarred: { readonly repositoryId: RepositoryId };
  NotificationDismissed: { readonly notificationId: string; readonly dismissed: boolean };
  /** It is an organization now: nobody signs in as it any more. */
  AccountConverted: Record<string, never>;
  AccountDeleted: Record<string, never>;
  /** Somebody found the claim of this stream's name, but no account: it never came to be. */
  CreationAbandoned: Record<string, never>;
  /** Somebody met a claim of an e-mail (by its HMAC) that the account did not take up: it is someone else's now. */
  NameClaimLapsed: { readonly name: string };
};

export type AccountEvent = EventsOf<AccountEvents>;
