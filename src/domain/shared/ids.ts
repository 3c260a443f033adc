import type { Brand } from './brand.js';

// UUIDs (version 7 unless a protocol asks for another), lower case. Names are attributes; these are identity.

/** UUID of an event. */
export type EventId = Brand<string, 'EventId'>;
/** UUID of an account. */
export type AccountId = Brand<string, 'AccountId'>;
/** UUID of the namespace of a user or an organization. */
export type NamespaceId = Brand<string, 'NamespaceId'>;
/** UUID of a repository. */
export type RepositoryId = Brand<string, 'RepositoryId'>;
/** UUID of a team. */
export type TeamId = Brand<string, 'TeamId'>;
/** UUID of an invite to a team. */
export type InviteId = Brand<string, 'InviteId'>;
/** UUID of a default permission. */
export type DefaultPermissionId = Brand<string, 'DefaultPermissionId'>;
/** UUID of a robot account. */
export type RobotId = Brand<string, 'RobotId'>;
/** UUID of a message to everybody. */
export type MessageId = Brand<string, 'MessageId'>;

/** `<category>-<id>`, for example `repository-01890a5d-…`; the category ends at the first hyphen. */
export type StreamName = Brand<string, 'StreamName'>;

/**
 * Where an event stands in the log of all streams: twenty decimal digits, so that it sorts as text and
 * survives JSON. Positions rise but need not be consecutive, and belong to one engine's log.
 */
export type Position = Brand<string, 'Position'>;

export const START: Position = '0'.repeat(20) as Position;

export const position = (value: bigint | number): Position => value.toString().padStart(20, '0') as Position;

export const laterPosition = (one: Position, other: Position): Position => (one > other ? one : other);
