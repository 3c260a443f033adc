import type { ManifestKind, ManifestMediaType } from '../manifest/mediaTypes.js';
import type { Digest } from '../shared/digest.js';
import type { EventsOf } from '../shared/event.js';
import type { NamespaceId } from '../shared/ids.js';
import type { JsonObject } from '../shared/json.js';
import type { Timestamp } from '../shared/time.js';

export type Visibility = 'public' | 'private';
export type RepositoryState = 'NORMAL' | 'READ_ONLY' | 'MIRROR' | 'ORG_MIRROR';
export type Role = 'read' | 'write' | 'admin';

/** Whom a permission is given to. Ids, never names: a rename changes nobody's rights. */
export type Grantee = { readonly kind: 'user' | 'robot' | 'team'; readonly id: string };

/** A content that a manifest names. `due`: its bytes must be there; otherwise they may be absent. */
export type Reference = {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  readonly kind: 'config' | 'layer' | 'child';
  readonly due: boolean;
};

/** What an event says of a manifest; its bytes are in the blob store under its digest. */
export type ManifestRecord = {
  readonly mediaType: ManifestMediaType;
  readonly kind: ManifestKind;
  /** Of the manifest itself, in bytes. */
  readonly size: number;
  readonly references: readonly Reference[];
  readonly subject: Digest | null;
  /** As referrers lists show it: its own, else an image's config media type. */
  readonly artifactType: string | null;
  readonly annotations: { readonly [name: string]: string };
  /** The annotations are more than an event holds: read them from the bytes. */
  readonly annotationsInBytes: boolean;
  readonly labels: readonly ManifestLabel[];
};

export type ManifestLabel = { readonly key: string; readonly value: string; readonly mediaType: string };

/**
 * The stream `repository-<id>`: settings, permissions, manifests and tags are one consistency boundary, so that a
 * push appends `ManifestPushed` and `TagMoved` atomically.
 */
export type RepositoryEvents = {
  RepositoryCreated: {
    readonly namespaceId: NamespaceId;
    readonly name: string;
    readonly visibility: Visibility;
    readonly kind: 'image';
    /** Null: created by its first push, and nobody has described it. */
    readonly description: string | null;
  };
  DescriptionSet: { readonly description: string };
  VisibilityChanged: { readonly visibility: Visibility };
  StateChanged: { readonly state: RepositoryState };
  PermissionGranted: { readonly grantee: Grantee; readonly role: Role };
  PermissionRevoked: { readonly grantee: Grantee };
  /** `heldUntil`: how long it is kept without a tag; null: without end (it has a subject); absent: not at all. */
  ManifestPushed: {
    readonly digest: Digest;
    readonly manifest: ManifestRecord;
    readonly heldUntil?: Timestamp | null;
  };
  /** The references of the preceding `ManifestPushed` that did not fit into one event. */
  ManifestReferencesAdded: { readonly digest: Digest; readonly references: readonly Reference[] };
  /** Also when the tag pointed there already: a re-push renews it. `end`: when it stops being alive. */
  TagMoved: {
    readonly tag: string;
    readonly digest: Digest;
    readonly previous: Digest | null;
    readonly end: Timestamp | null;
  };
  TagExpirySet: { readonly tag: string; readonly digest: Digest; readonly end: Timestamp | null };
  TagDeleted: { readonly tag: string; readonly digest: Digest };
  /** Recorded after the fact; the tag was not alive from its end on. */
  TagExpired: { readonly tag: string; readonly digest: Digest };
  /**
   * `revived`: the manifests that were deleted by digest and are back with it (itself, children of an index). `end`: when
   * the tag stops being alive; version 1 knew none.
   */
  TagRestored: {
    readonly tag: string;
    readonly digest: Digest;
    readonly previous: Digest | null;
    readonly revived: readonly Digest[];
    readonly end: Timestamp | null;
  };
  /**
   * Stays of a tag leave the time machine at once: the one that was alive, or all at the digest that ended after `since`,
   * which was the beginning of the namespace's window.
   */
  TagPurged: {
    readonly tag: string;
    readonly digest: Digest;
    readonly alive: boolean;
    readonly since: Timestamp;
  };
  ManifestDeleted: { readonly digest: Digest };
  /** After a purge nothing can bring these back but another push. */
  ManifestsPurged: { readonly digests: readonly Digest[] };
  /** Labels that somebody added; those of the manifest itself come with its push. */
  LabelAdded: { readonly labelId: string; readonly digest: Digest; readonly label: ManifestLabel };
  LabelRemoved: { readonly labelId: string; readonly digest: Digest };
  RepositoryDeleted: JsonObject;
  /** Somebody else claimed a name that this repository had claimed but does not bear. */
  NameClaimLapsed: { readonly name: string };
  CreationAbandoned: JsonObject;
};

export type RepositoryEvent = EventsOf<RepositoryEvents>;
