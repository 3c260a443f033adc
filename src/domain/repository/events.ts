import type { ManifestKind, ManifestMediaType } from '../manifest/mediaTypes.js';
import type { Digest } from '../shared/digest.js';
import type { EventsOf } from '../shared/event.js';
import type { NamespaceId } from '../shared/ids.js';
import type { Timestamp } from '../shared/time.js';

/** `public`: whoever reaches the registry may pull. */
export type Visibility = 'public' | 'private';
/** `READ_ONLY`: nothing can be pushed. `MIRROR`, `ORG_MIRROR`: it follows a repository elsewhere. */
export type RepositoryState = 'NORMAL' | 'READ_ONLY' | 'MIRROR' | 'ORG_MIRROR';
/** What somebody may do in a repository; each includes the ones before it. */
export type Role = 'read' | 'write' | 'admin';

/** Whom a permission is given to. Ids, never names: a rename changes nobody's rights. */
export type Grantee = {
  /** Which of them. */
  readonly kind: 'user' | 'robot' | 'team';
  /** UUID of the account, the robot or the team. */
  readonly id: string;
};

/** Name of a tag: 1 to 128 ASCII letters, digits, `_`, `.` and `-`. */
export type TagText = string;

/** UUID of a label. */
export type LabelId = string;

/** A content that a manifest names. */
export type Reference = {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** As the manifest gives it. */
  readonly mediaType: string;
  /** `child`: a manifest that an index lists. */
  readonly kind: 'config' | 'layer' | 'child';
  /** Its bytes must be there; otherwise they may be absent. */
  readonly due: boolean;
};

/** What an event says of a manifest; its bytes are in the blob store under its digest. */
export type ManifestRecord = {
  readonly mediaType: ManifestMediaType;
  readonly kind: ManifestKind;
  /** Of the manifest itself, in bytes. */
  readonly size: number;
  /** What it names; more may follow in `ManifestReferencesAdded`. */
  readonly references: readonly Reference[];
  /** The manifest that it is about (it is a referrer of that one); null: none. */
  readonly subject: Digest | null;
  /** As referrers lists show it: its own, else an image's config media type. */
  readonly artifactType: string | null;
  /** Its annotations, by name. */
  readonly annotations: { readonly [name: string]: string };
  /** The annotations are more than an event holds: read them from the bytes. */
  readonly annotationsInBytes: boolean;
  /** An image's labels, overlaid by its annotations; of other artifacts the annotations; of an index none. */
  readonly labels: readonly ManifestLabel[];
};

/** A key and a value that a manifest bears. */
export type ManifestLabel = {
  /** Its name. */
  readonly key: string;
  /** Any text. */
  readonly value: string;
  /** How the value is to be read: `text/plain` or `application/json`. */
  readonly mediaType: string;
};

/**
 * The stream `repository-<id>`: settings, permissions, manifests and tags are one consistency boundary, so that a
 * push appends `ManifestPushed` and `TagMoved` atomically.
 */
export type RepositoryEvents = {
  /** There is a repository; its id is in the name of its stream. */
  RepositoryCreated: {
    readonly namespaceId: NamespaceId;
    /** Without that of the namespace; may have slashes. */
    readonly name: string;
    readonly visibility: Visibility;
    /** What it holds: container images and other OCI artifacts. */
    readonly kind: 'image';
    /** Null: created by its first push, and nobody has described it. */
    readonly description: string | null;
  };
  /** It is described in other words. */
  DescriptionSet: {
    /** Markdown. */
    readonly description: string;
  };
  /** Others may pull, or may no longer. */
  VisibilityChanged: { readonly visibility: Visibility };
  /** It can be pushed to, or no longer. */
  StateChanged: { readonly state: RepositoryState };
  /** Somebody has a role in it; one that he had before is replaced. */
  PermissionGranted: { readonly grantee: Grantee; readonly role: Role };
  /** Somebody has no role of his own in it any more. */
  PermissionRevoked: { readonly grantee: Grantee };
  /** A manifest was pushed: a new one, or, by its digest, one that was there. */
  ManifestPushed: {
    readonly digest: Digest;
    readonly manifest: ManifestRecord;
    /** How long it is kept without a tag; null: without end (it has a subject); absent: not at all. */
    readonly heldUntil?: Timestamp | null;
  };
  /** The references of the preceding `ManifestPushed` that did not fit into one event. */
  ManifestReferencesAdded: {
    readonly digest: Digest;
    /** The further ones. */
    readonly references: readonly Reference[];
  };
  /** A tag was set by a push or a call. Also when it pointed there already: a re-push renews it. */
  TagMoved: {
    readonly tag: TagText;
    /** Where it points now. */
    readonly digest: Digest;
    /** Where it pointed before; null: it was not alive. */
    readonly previous: Digest | null;
    /** When it stops being alive; null: never. */
    readonly end: Timestamp | null;
  };
  /** A tag stops being alive at another time. */
  TagExpirySet: {
    readonly tag: TagText;
    /** Where it points. */
    readonly digest: Digest;
    /** When; null: never. */
    readonly end: Timestamp | null;
  };
  /** Somebody took a tag away; the time machine can bring it back. */
  TagDeleted: {
    readonly tag: TagText;
    /** Where it pointed. */
    readonly digest: Digest;
  };
  /** A tag's end has come. Recorded after the fact; the tag was not alive from its end on. */
  TagExpired: {
    readonly tag: TagText;
    /** Where it pointed. */
    readonly digest: Digest;
  };
  /** A tag points again where it pointed at some time before. */
  TagRestored: {
    readonly tag: TagText;
    /** Where it points now. */
    readonly digest: Digest;
    /** Where it pointed until then; null: it was not alive. */
    readonly previous: Digest | null;
    /** The manifests that were deleted by digest and are back with it (itself, children of an index). */
    readonly revived: readonly Digest[];
    /** When the tag stops being alive; null: never. Version 1 knew none. */
    readonly end: Timestamp | null;
  };
  /** Stays of a tag leave the time machine at once. */
  TagPurged: {
    readonly tag: TagText;
    /** Where it pointed during them. */
    readonly digest: Digest;
    /** The stay that was alive, which ends with this; otherwise all at the digest that ended after `since`. */
    readonly alive: boolean;
    /** The beginning of the namespace's window. */
    readonly since: Timestamp;
  };
  /** Somebody took a manifest away by its digest. Tags that pointed to it ended before, each with an event of its own. */
  ManifestDeleted: { readonly digest: Digest };
  /** After a purge nothing can bring these back but another push. */
  ManifestsPurged: {
    /** The manifests. */
    readonly digests: readonly Digest[];
  };
  /** Somebody added a label to a manifest; those of the manifest itself come with its push. */
  LabelAdded: { readonly labelId: LabelId; readonly digest: Digest; readonly label: ManifestLabel };
  /** Somebody took a label away. */
  LabelRemoved: { readonly labelId: LabelId; readonly digest: Digest };
  /** The repository is no more. A later one of its name has another id. */
  RepositoryDeleted: Record<string, never>;
  /** Somebody else claimed a name that was claimed for this stream and that nobody in it bears. */
  NameClaimLapsed: {
    /** The name; of an e-mail its HMAC. */
    readonly name: string;
  };
  /** Somebody met the claim of a name for this stream, and there was nothing in it: it never came to be. */
  CreationAbandoned: Record<string, never>;
};

export type RepositoryEvent = EventsOf<RepositoryEvents>;
