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
   * One flush of the pulls of one namespace. Clients and targets are tables, each sealed once; each pull is three numbers
   * in turn: its client, its target, and the milliseconds since the first pull. Its id is the event's id and its index.
   */
  ImagesPulled: {
    /** When the first of them happened. */
    readonly first: Timestamp;
    readonly clients: readonly PullClient[];
    readonly targets: readonly PullTarget[];
    readonly pulls: readonly number[];
  };
  /** Somebody whom a robot trusts proved who he is, and may act as the robot for an hour. */
  RobotTokenExchanged: { readonly robotId: RobotId; readonly issuer: string; readonly subject: string };
};

export type PullClient = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly ip: Sealed | null;
  readonly userAgent: Sealed | null;
};

export type PullTarget = {
  readonly repositoryId: RepositoryId;
  /** As the client asked: a tag or a digest. */
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: ManifestMediaType;
};

export type ActivityEvent = EventsOf<ActivityEvents>;
