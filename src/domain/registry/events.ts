import type { EventsOf } from '../shared/event.js';
import type { EventId, NamespaceId } from '../shared/ids.js';
import type { MessageEvents } from './message/events.js';
import type { ServiceKeyEvents } from './serviceKey/events.js';

/** The stream `registry`: the instance itself. */
export type RegistryEvents = LogEvents & MessageEvents & ServiceKeyEvents & SuperuserEvents;

export type SuperuserEvents = {
  /** The actor made himself owner of an organization, or made one of what was the namespace of a user. */
  OwnershipTaken: {
    readonly namespaceId: NamespaceId;
    /** It was the namespace of a user until then. */
    readonly wasUser: boolean;
  };
};

/** SHA-256 in hex of a public key's SubjectPublicKeyInfo (DER). */
export type KeyId = string;

export type LogEvents = {
  /** From now on this key signs checkpoints, see `signing.ts`. No key is announced twice. */
  SigningKeyAnnounced: {
    readonly keyId: KeyId;
    /** Ed25519, SubjectPublicKeyInfo in PEM. */
    readonly publicKey: string;
    /** The key that signed until now vouches for the new one; the first key vouches for itself. */
    readonly signedBy: KeyId;
    /** Ed25519 over the canonical JSON (RFC 8785) of all other members, base64url. */
    readonly signature: string;
  };
  /** A signed head of the whole log, see `checkpoint.ts`. */
  LogCheckpointed: {
    /** From 1; numbered by the checkpoints, never by an engine's positions. */
    readonly number: number;
    /** How many events of the log, in log order from the first one, this and the earlier checkpoints cover. */
    readonly size: number;
    /** Merkle root (RFC 6962 section 2.1) in hex over the hashes of the events since the previous checkpoint. */
    readonly root: string;
    /** The last event that it covers. */
    readonly lastEvent: EventId;
    /** SHA-256 in hex of the previous checkpoint's signed text; null for the first one. */
    readonly previous: string | null;
    readonly keyId: KeyId;
    /** Ed25519 over the canonical JSON (RFC 8785) of all other members, base64url. */
    readonly signature: string;
  };
};

export type RegistryEvent = EventsOf<RegistryEvents>;
