import type { EventsOf } from '../shared/event.js';
import type { NamespaceId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';

/** The stream `account-<id>`: one person. The name is public; e-mail and password hash are sealed. */
export type AccountEvents = {
  AccountRegistered: {
    readonly name: string;
    readonly namespaceId: NamespaceId;
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key, to look it up by. */
    readonly emailHmac: string | null;
    readonly verified: boolean;
  };
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
  AccountDeleted: Record<string, never>;
  /** Somebody found the claim of this stream's name, but no account: it never came to be. */
  CreationAbandoned: Record<string, never>;
};

export type AccountEvent = EventsOf<AccountEvents>;
