import type { EventsOf } from '../shared/event.js';
import type { AccountId, RobotId } from '../shared/ids.js';
import type { JsonObject } from '../shared/json.js';
import type { Sealed } from '../shared/sealed.js';

/** The stream `namespace-<id>`: what the namespaces of users and of organizations share. */
export type NamespaceEvents = {
  /** A user or an organization has a namespace. */
  NamespaceCreated: {
    /** The first part of the names of its repositories. */
    readonly name: string;
    readonly kind: NamespaceKind;
    /** The account whose namespace it is; null for an organization. */
    readonly owner: AccountId | null;
    /** How far back its time machine reaches, in seconds. */
    readonly timeMachineSeconds: number;
  };
  /** Its time machine reaches back as far as this from now on. */
  TimeMachineWindowSet: {
    /** How far back, in seconds. */
    readonly seconds: number;
  };
  /** Its robots cannot sign in until it is enabled again. */
  NamespaceDisabled: Record<string, never>;
  /** Its robots can sign in again. */
  NamespaceEnabled: Record<string, never>;
  /** It has another name. The new one was claimed before; the old one is released afterwards. */
  NamespaceRenamed: {
    /** The new name. */
    readonly name: string;
  };
  /** A user's namespace is an organization's from now on; its owner has none any more. */
  NamespaceConverted: Record<string, never>;
  /** An organization can be reached by another address. The addresses are sealed with the key of the namespace. */
  ContactEmailSet: {
    /** The address; null: none any more. */
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key. */
    readonly emailHmac: string | null;
    /** The address before, which the usage log tells. */
    readonly previous: Sealed | null;
  };
  /** Whether and where invoices are sent. Only what was set is there. */
  InvoicingSet: {
    /** Whether invoices are sent by mail. */
    readonly invoiceEmail?: boolean;
    /** Where to; null: to the contact address. */
    readonly invoiceEmailAddress?: Sealed | null;
  };
  /** The namespace is no more. Its repositories were deleted before. */
  NamespaceDeleted: Record<string, never>;
  /** An account for programs, with a token of generation 1. */
  RobotCreated: {
    readonly robotId: RobotId;
    /** Its name without that of the namespace: `ci` of `acme+ci`. */
    readonly shortName: string;
    /** What it is for, in words; may be empty. */
    readonly description: string;
    /** What its maker noted, in whatever form; null: nothing. */
    readonly metadata: JsonObject | null;
    /** By which it signs in. */
    readonly token: Sealed;
  };
  /** The robot has another token; the one before is void. */
  RobotTokenRegenerated: {
    readonly robotId: RobotId;
    /** The new one. */
    readonly token: Sealed;
    /** Each token is a new generation: what an older one issued is void. */
    readonly generation: number;
  };
  /** Whatever was granted to its id grants nothing any more; a later robot of its name has another id. */
  RobotDeleted: { readonly robotId: RobotId };
  /** Who may exchange a token of his own for one of the robot's. */
  RobotFederationSet: {
    readonly robotId: RobotId;
    /** The whole list; empty: nobody. */
    readonly config: readonly FederatedIdentity[];
  };
  /** Somebody else claimed a name that was claimed for this stream and that nobody in it bears. */
  NameClaimLapsed: {
    /** The name; of an e-mail its HMAC. */
    readonly name: string;
  };
  /** Somebody met the claim of a name for this stream, and there was nothing in it: it never came to be. */
  CreationAbandoned: Record<string, never>;
};

/** A subject as an OpenID Connect issuer names it. */
export type FederatedIdentity = {
  /** URL of the issuer (`iss`). */
  readonly issuer: string;
  /** The issuer's name for it (`sub`). */
  readonly subject: string;
};

/** Whose a namespace is. */
export type NamespaceKind = 'user' | 'organization';
export type NamespaceEvent = EventsOf<NamespaceEvents>;
export type RobotEvent = Extract<NamespaceEvent, { type: `Robot${string}` }>;
