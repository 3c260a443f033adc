import type { EventId, Position, StreamName } from './ids.js';
import type { JsonObject } from './json.js';
import type { Sealed } from './sealed.js';
import type { Timestamp } from './time.js';

/** Who did it. Names are resolved when an event is read, so that a rename needs no event to change. */
export type Actor =
  | {
      /** `oauth`: an application in the name of a user. */
      readonly kind: 'user' | 'robot' | 'oauth';
      /** UUID of the account or the robot. */
      readonly id: string;
    }
  | {
      /** `system`: the registry itself. */
      readonly kind: 'system' | 'anonymous';
      /** There is none. */
      readonly id: null;
    };

/** What proved it: kept apart from the actor, because one person holds many credentials. */
export type CredentialRef = {
  /** `setup`: the secret of the first start. `console`: the command line. */
  readonly kind: 'password' | 'robot-token' | 'app-token' | 'oauth-token' | 'session' | 'setup' | 'console';
  /** Which of them. */
  readonly id: string;
};

/** The way by which a change came in; usage logs tell a push from a mirror run by it. */
export type Via =
  'registry' | 'api' | 'ui' | 'cli' | 'mirror' | 'proxy' | 'prune' | 'policy' | 'restore' | 'build' | 'system';

/** What is known of an event besides what happened. */
export type EventMetadata = {
  /** Schema version of `data` for this type, from 1; older ones are upcast when read. */
  readonly schema: number;
  /** Server clock; never runs backwards within a stream. */
  readonly at: Timestamp;
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly via: Via;
  /** Only the privilege of a superuser allowed it. */
  readonly asSuperuser: boolean;
  /** The client's address; a personal datum, therefore sealed. */
  readonly ip: Sealed | null;
  /** What the client says of itself; likewise. */
  readonly userAgent: Sealed | null;
  /** What came of one request, or of one run of a worker, has the same. */
  readonly correlationId: string;
  /** The event that this one came of. */
  readonly causationId: string | null;
  /** SHA-256 in hex of the stream's previous event; null for the first one. */
  readonly prevHash: string | null;
  /** SHA-256 in hex over the canonical event, see `eventHash`. */
  readonly hash: string;
};

/** An event as it is appended: complete, hashed, never to be changed. */
export type EventEnvelope<Type extends string = string, Data extends JsonObject = JsonObject> = {
  readonly id: EventId;
  readonly type: Type;
  readonly data: Data;
  readonly metadata: EventMetadata;
};

/** What a projection needs of an event: reading no more of each makes a rebuild a good deal faster. */
export type ProjectableEvent = Pick<RecordedEvent, 'id' | 'type' | 'data' | 'stream' | 'revision' | 'position'> & {
  readonly metadata: Pick<EventMetadata, 'schema' | 'at'>;
};

/** An event as it is read back: with its place in its stream (revision, from 0) and in the log (position). */
export type RecordedEvent<Type extends string = string, Data extends JsonObject = JsonObject> = EventEnvelope<
  Type,
  Data
> & {
  readonly stream: StreamName;
  readonly revision: number;
  readonly position: Position;
};
