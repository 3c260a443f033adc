import type { EventsOf } from '../shared/event.js';
import type { NamespaceId, RepositoryId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import type { Timestamp } from '../shared/time.js';

/** The stream `account-<id>`: one person. The name is public; e-mail, profile and secrets are sealed. */
export type AccountEvents = {
  /** A person has an account, and a namespace of the same name. */
  AccountRegistered: {
    /** His user name. */
    readonly name: string;
    readonly namespaceId: NamespaceId;
    /** His e-mail address; null: he gave none. */
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key, to look it up by. */
    readonly emailHmac: string | null;
    /** The address is proven to be his, or nobody asks for proof. */
    readonly verified: boolean;
  };
  /** He has another user name. The namespace is renamed by an event of its own. */
  AccountRenamed: {
    /** The new user name. */
    readonly name: string;
  };
  /** The address of the registration is proven to be his. */
  EmailVerified: Record<string, never>;
  /** He has another e-mail address, or none. A changed address is a proven one, or nobody asks for proof. */
  EmailChanged: {
    /** The new address; null: none any more. */
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key, to look it up by. */
    readonly emailHmac: string | null;
  };
  /** What he tells of himself, all of it. */
  ProfileChanged: {
    /** JSON of `given_name`, `family_name`, `company` and `location`; null: he tells nothing of himself. */
    readonly profile: Sealed | null;
  };
  /** He has a password, or another one. */
  PasswordChanged: {
    /** The hash in PHC form (argon2id). */
    readonly passwordHash: Sealed;
    /** From 1. Each change is a new generation: what an older one issued is void. */
    readonly generation: number;
  };
  /** He administers the instance. */
  SuperuserGranted: Record<string, never>;
  /** He administers the instance no longer. */
  SuperuserRevoked: Record<string, never>;
  /** Nobody can sign in as him until he is enabled again. */
  AccountDisabled: Record<string, never>;
  /** He can sign in again. */
  AccountEnabled: Record<string, never>;
  /** Somebody signed in with a password, for the usage log. */
  SignedIn: Record<string, never>;
  /** Every session that began before is over (sign-out: contract, accounts §2). */
  SessionsEnded: {
    /** Counts the times that this happened. */
    readonly generation: number;
  };
  /** His password was encrypted for a client to store. */
  ClientKeyGenerated: Record<string, never>;
  /** A password for one application of his, with all his rights in the registry protocol. */
  AppTokenIssued: {
    readonly tokenId: AppTokenId;
    /** What its owner calls it. */
    readonly title: string;
    /** HMAC of the first half of the token, to find it by. */
    readonly lookup: string;
    /** The whole token: its owner may look at it again. */
    readonly token: Sealed;
    /** When it stops being valid; null: never. */
    readonly expires: Timestamp | null;
  };
  /** The token is void. */
  AppTokenRevoked: { readonly tokenId: AppTokenId };
  /** He marked the repository as one that he likes. */
  RepositoryStarred: { readonly repositoryId: RepositoryId };
  /** He took the mark away. */
  RepositoryUnstarred: { readonly repositoryId: RepositoryId };
  /** He put a notification away, or back. */
  NotificationDismissed: {
    /** UUID of the notification. */
    readonly notificationId: string;
    /** False: it is shown again. */
    readonly dismissed: boolean;
  };
  /** It is an organization now: nobody signs in as it any more. */
  AccountConverted: Record<string, never>;
  /** The account is no more, and its key is destroyed: what was sealed with it is erased. */
  AccountDeleted: Record<string, never>;
  /** Somebody met the claim of a name for this stream, and there was nothing in it: it never came to be. */
  CreationAbandoned: Record<string, never>;
  /** Somebody else claimed a name that was claimed for this stream and that nobody in it bears. */
  NameClaimLapsed: {
    /** The name; of an e-mail its HMAC. */
    readonly name: string;
  };
};

/** UUID of a password for one application. */
export type AppTokenId = string;

export type AccountEvent = EventsOf<AccountEvents>;
