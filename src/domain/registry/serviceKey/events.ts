import type { AccountId } from '../../shared/ids.js';
import type { JsonObject } from '../../shared/json.js';
import type { Sealed } from '../../shared/sealed.js';
import type { Timestamp } from '../../shared/time.js';

/** Who let a key in, in the contract's words. */
export type ApprovalType = 'Super User API' | 'Key Rotation' | 'Automatic';

/** A public key by which a service proves to others who it is. Private halves are nowhere in the registry. */
type NewServiceKey = {
  readonly kid: ServiceKeyId;
  /** The service that it is for. */
  readonly service: string;
  /** What people call it; may be empty. */
  readonly name: string;
  /** Public members only, the `kid` among them. */
  readonly jwk: JsonObject;
  /** What its maker noted, in whatever form. */
  readonly metadata: JsonObject;
  /** The address that it came from, bound to `<event id>/ip`. */
  readonly ip: Sealed | null;
  /** When it stops being valid; null: never. */
  readonly expires: Timestamp | null;
  /** How often its service takes another one, in seconds; null: it does not. */
  readonly rotationSeconds: number | null;
};

/** What its owner calls a key; SHA-256 in hex of its canonical JSON if the registry made it. */
export type ServiceKeyId = string;

export type ServiceKeyEvents = {
  /** A service handed in its public key, or a superuser made one. Nobody is shown it before it is approved. */
  ServiceKeyCreated: NewServiceKey;
  /** The key is let in. */
  ServiceKeyApproved: {
    readonly kid: ServiceKeyId;
    readonly approvalType: ApprovalType;
    /** The superuser who did; null: nobody in particular. */
    readonly approver: AccountId | null;
    /** Why, in words; may be empty. */
    readonly notes: string;
  };
  /** Something of it is different. What is absent stays as it was. */
  ServiceKeyChanged: {
    readonly kid: ServiceKeyId;
    /** What people call it. */
    readonly name?: string;
    /** All of the notes, as they are from now on. */
    readonly metadata?: JsonObject;
    /** When it stops being valid; null: never. */
    readonly expires?: Timestamp | null;
  };
  /** The key takes the place of the one that signed for it, which is gone; it is approved as that one was. */
  ServiceKeyRotated: NewServiceKey & {
    /** The key that it replaces. */
    readonly signerKid: ServiceKeyId;
  };
  /** The key is valid no longer. */
  ServiceKeyDeleted: {
    readonly kid: ServiceKeyId;
    /** The key that signed the wish; null: a superuser, or the registry itself because its time was over. */
    readonly signerKid: ServiceKeyId | null;
  };
};
