import type { ManifestMediaType } from '../manifest/mediaTypes.js';
import type { Digest } from '../shared/digest.js';
import type { Actor, CredentialRef } from '../shared/envelope.js';
import type { EventsOf } from '../shared/event.js';
import type { RepositoryId, RobotId } from '../shared/ids.js';
import type { Timestamp } from '../shared/time.js';
import type { Sealed } from '../shared/sealed.js';

/** The streams `activity-<namespace id>-<yyyymm>-<process start>`: what happened without changing state. */
export type ActivityEvents = {
  /**
   * Images were pulled: some pulls from one namespace, written down together. Clients and targets are tables, each sealed
   * once. A pull's id is the event's id and its index.
   */
  ImagesPulled: {
    /** When the first of them happened. */
    readonly first: Timestamp;
    /** Who pulled, each once. */
    readonly clients: readonly PullClient[];
    /** What was pulled, each once. */
    readonly targets: readonly PullTarget[];
    /** Three numbers for each pull: the index of its client, that of its target, the milliseconds since `first`. */
    readonly pulls: readonly number[];
  };
  /** Somebody whom a robot trusts proved who he is, and may act as the robot for an hour. */
  RobotTokenExchanged: {
    readonly robotId: RobotId;
    /** URL of the OpenID Connect issuer that vouched for him. */
    readonly issuer: string;
    /** The issuer's name for him. */
    readonly subject: string;
  };
};

/** Who pulled, and from where. */
export type PullClient = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  /** His address; null: not known. */
  readonly ip: Sealed | null;
  /** What his program says of itself; null: nothing. */
  readonly userAgent: Sealed | null;
};

/** A manifest that was pulled. */
export type PullTarget = {
  readonly repositoryId: RepositoryId;
  /** As the client asked: a tag or a digest. */
  readonly reference: string;
  /** What it was then. */
  readonly digest: Digest;
  readonly mediaType: ManifestMediaType;
};

export type ActivityEvent = EventsOf<ActivityEvents>;
