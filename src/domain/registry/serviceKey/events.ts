import type { AccountId } from '../../shared/ids.js';
import type { JsonObject } from '../../shared/json.js';
import type { Sealed } from '../../shared/sealed.js';
import type { Timestamp } from '../../shared/time.js';

/** Who let a key in, in the contract's words. */
export type ApprovalType = 'Super User API' | 'Key Rotation' | 'Automatic';

/** A public key by which a service proves to others who it is. Private halves are nowhere in the registry. */
type NewServiceKey = {
  /** What its owner calls it; SHA-256 in hex of its canonical JSON if the registry made it. */
  readonly kid: string;
  readonly service: string;
  readonly name: string;
  /** Public members only, the `kid` among them. */
  readonly jwk: JsonObject;
  /** What its maker noted, in whatever form. */
  readonly metadata: JsonObject;
  /** The address that it came from, bound to `<event id>/ip`. */
  readonly ip: Sealed | null;
  readonly expires: Timestamp | null;
  readonly rotationSeconds: number | null;
};

export type ServiceKeyEvents = {
  /** Nobody is shown it before it is approved. */
  ServiceKeyCreated: NewServiceKey;
  ServiceKeyApproved: {
    readonly kid: string;
    readonly approvalType: ApprovalType;
    readonly approver: AccountId | null;
    readonly notes: string;
  };
  /** What is absent stays as it was. `metadata`: all of it, as it is from now on. */
  ServiceKeyChanged: {
    readonly kid: string;
    readonly name?: string;
    readonly metadata?: JsonObject;
    readonly expires?: Timestamp | null;
  };
  /** The key takes the place of the one that signed for it, which is gone; it is approved as that one was. */
  ServiceKeyRotated: NewServiceKey & { readonly signerKid: string };
  /** `signerKid`: the key that signed the wish; null: a superuser, or the registry itself because its time was over. */
  ServiceKeyDeleted: { readonly kid: string; readonly signerKid: string | null };
};
