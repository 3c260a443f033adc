import type { EventsOf } from '../shared/event.js';
import type { AccountId, RobotId } from '../shared/ids.js';
import type { JsonObject } from '../shared/json.js';
import type { Sealed } from '../shared/sealed.js';

/** The stream `namespace-<id>`: what the namespaces of users and of organizations share. */
export type NamespaceEvents = {
  NamespaceCreated: {
    readonly name: string;
    readonly kind: NamespaceKind;
    /** The account whose namespace it is; null for an organization. */
    readonly owner: AccountId | null;
    readonly timeMachineSeconds: number;
  };
  TimeMachineWindowSet: { readonly seconds: number };
  NamespaceDisabled: Record<string, never>;
  NamespaceEnabled: Record<string, never>;
  /** The new name was claimed before; the old one is released afterwards. */
  NamespaceRenamed: { readonly name: string };
  /** A user's namespace is an organization's from now on; its owner has none any more. */
  NamespaceConverted: Record<string, never>;
  /** Sealed with the key of the namespace. `previous`: the address before, which the usage log tells. */
  ContactEmailSet: {
    readonly email: Sealed | null;
    /** HMAC of the lower-cased e-mail under the instance key. */
    readonly emailHmac: string | null;
    readonly previous: Sealed | null;
  };
  /** Only what was set is there. */
  InvoicingSet: { readonly invoiceEmail?: boolean; readonly invoiceEmailAddress?: Sealed | null };
  NamespaceDeleted: Record<string, never>;
  /** `metadata`: what its maker noted, in whatever form; null: nothing. The token is of generation 1. */
  RobotCreated: {
    readonly robotId: RobotId;
    readonly shortName: string;
    readonly description: string;
    readonly metadata: JsonObject | null;
    readonly token: Sealed;
  };
  /** Each token is a new generation: what an older one issued is void. */
  RobotTokenRegenerated: { readonly robotId: RobotId; readonly token: Sealed; readonly generation: number };
  /** Whatever was granted to its id grants nothing any more; a later robot of its name has another id. */
  RobotDeleted: { readonly robotId: RobotId };
  /** Who may exchange a token of his own for one of the robot's: the whole list; none: nobody. */
  RobotFederationSet: { readonly robotId: RobotId; readonly config: readonly FederatedIdentity[] };
  /** Somebody else claimed a name that this namespace had claimed but does not bear. */
  NameClaimLapsed: { readonly name: string };
  CreationAbandoned: Record<string, never>;
};

/** A subject as an OpenID Connect issuer names it. */
export type FederatedIdentity = { readonly issuer: string; readonly subject: string };

export type NamespaceKind = 'user' | 'organization';
export type NamespaceEvent = EventsOf<NamespaceEvents>;
export type RobotEvent = Extract<NamespaceEvent, { type: `Robot${string}` }>;
