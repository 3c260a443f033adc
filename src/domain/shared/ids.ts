import type { Brand } from './brand.js';

/** UUIDs (version 7 unless a protocol asks for another), lower case. Names are attributes; these are identity. */
export type EventId = Brand<string, 'EventId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type NamespaceId = Brand<string, 'NamespaceId'>;
export type RepositoryId = Brand<string, 'RepositoryId'>;
export type TeamId = Brand<string, 'TeamId'>;
export type InviteId = Brand<string, 'InviteId'>;
export type DefaultPermissionId = Brand<string, 'DefaultPermissionId'>;
export type RobotId = Brand<string, 'RobotId'>;
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
