import type { AccountEvents } from './account/events.js';
import type { NameEvents } from './names/events.js';
import type { NamespaceEvents } from './namespace/events.js';
import type { OrganizationEvents } from './organization/events.js';
import type { RegistryEvents } from './registry/events.js';
import type { RepositoryEvents } from './repository/events.js';
import type { FormerRepositoryEvents } from './repository/formerEvents.js';
import type { ActivityEvents } from './activity/events.js';
import { DomainError } from './shared/errors.js';
import type { JsonObject } from './shared/json.js';

type Upcaster = (data: JsonObject) => JsonObject;

/** One entry per type ever written: from which schema version to the next one, in steps. */
type Catalogue = {
  readonly [Type in EventType]: { readonly steps: readonly Upcaster[] };
};

/** What the streams of each category hold, by their names up to the first hyphen. */
export type EventMaps = {
  readonly account: AccountEvents;
  readonly namespace: NamespaceEvents;
  readonly name: NameEvents;
  readonly organization: OrganizationEvents;
  readonly repository: RepositoryEvents;
  readonly registry: RegistryEvents;
  readonly activity: ActivityEvents;
};

export type EventType = { readonly [Category in keyof EventMaps]: keyof EventMaps[Category] }[keyof EventMaps];

/** Data in schema versions that nobody writes any more, as they lie in logs: `<type>.v<version>`. */
export type FormerEvents = FormerRepositoryEvents;

const unchanged = { steps: [] } as const;

/**
 * All event types. An event never changes; when its data must, add the step from the present version to the next:
 * `steps[0]` lifts version 1 to version 2, and so on. The version that it leaves behind goes on as a `FormerEvents`.
 */
export const catalogue: Catalogue = {
  AccountRegistered: unchanged,
  AccountRenamed: unchanged,
  EmailVerified: unchanged,
  EmailChanged: unchanged,
  ProfileChanged: unchanged,
  PasswordChanged: unchanged,
  SuperuserGranted: unchanged,
  SuperuserRevoked: unchanged,
  AccountDisabled: unchanged,
  AccountEnabled: unchanged,
  SignedIn: unchanged,
  SessionsEnded: unchanged,
  ClientKeyGenerated: unchanged,
  AppTokenIssued: unchanged,
  AppTokenRevoked: unchanged,
  RepositoryStarred: unchanged,
  RepositoryUnstarred: unchanged,
  NotificationDismissed: unchanged,
  AccountConverted: unchanged,
  AccountDeleted: unchanged,
  CreationAbandoned: unchanged,
  NamespaceCreated: unchanged,
  TimeMachineWindowSet: unchanged,
  NamespaceDisabled: unchanged,
  NamespaceEnabled: unchanged,
  NamespaceRenamed: unchanged,
  NamespaceConverted: unchanged,
  ContactEmailSet: unchanged,
  InvoicingSet: unchanged,
  NamespaceDeleted: unchanged,
  TeamCreated: unchanged,
  TeamRoleSet: unchanged,
  TeamDescriptionSet: unchanged,
  TeamDeleted: unchanged,
  MemberJoined: unchanged,
  MemberLeft: unchanged,
  MemberInvited: unchanged,
  InviteWithdrawn: unchanged,
  InviteDeclined: unchanged,
  DefaultPermissionSet: unchanged,
  DefaultPermissionRoleSet: unchanged,
  DefaultPermissionRemoved: unchanged,
  ApplicationRegistered: unchanged,
  ApplicationChanged: unchanged,
  ApplicationSecretReset: unchanged,
  ApplicationRemoved: unchanged,
  ApplicationTokenIssued: unchanged,
  ApplicationTokenRevoked: unchanged,
  AuthorizationAssigned: unchanged,
  AuthorizationAssignmentRemoved: unchanged,
  RobotCreated: unchanged,
  RobotTokenRegenerated: unchanged,
  RobotDeleted: unchanged,
  RobotFederationSet: unchanged,
  NameClaimed: unchanged,
  NameReleased: unchanged,
  RepositoryCreated: unchanged,
  DescriptionSet: unchanged,
  VisibilityChanged: unchanged,
  StateChanged: unchanged,
  PermissionGranted: unchanged,
  PermissionRevoked: unchanged,
  ManifestPushed: unchanged,
  ManifestReferencesAdded: unchanged,
  TagMoved: unchanged,
  TagExpirySet: unchanged,
  TagDeleted: unchanged,
  TagExpired: unchanged,
  // A restored tag did not end by its manifest's label then.
  TagRestored: { steps: [(data: JsonObject): JsonObject => ({ ...data, end: null })] },
  TagPurged: unchanged,
  ManifestDeleted: unchanged,
  ManifestsPurged: unchanged,
  LabelAdded: unchanged,
  LabelRemoved: unchanged,
  RepositoryDeleted: unchanged,
  NameClaimLapsed: unchanged,
  SigningKeyAnnounced: unchanged,
  LogCheckpointed: unchanged,
  MessagePublished: unchanged,
  MessageRemoved: unchanged,
  ServiceKeyCreated: unchanged,
  ServiceKeyApproved: unchanged,
  ServiceKeyChanged: unchanged,
  ServiceKeyRotated: unchanged,
  ServiceKeyDeleted: unchanged,
  OwnershipTaken: unchanged,
  ImagesPulled: unchanged,
  RobotTokenExchanged: unchanged,
};

/** The log holds a type or a schema version that this program does not know: it is older than the log. */
export class EventFromTheFuture extends DomainError {
  readonly code = 'event-from-the-future';
  constructor(type: string, schema: number) {
    super(`event ${type} in schema version ${schema} is newer than this program: start a newer one`, { type, schema });
  }
}

const isEventType = (type: string): type is EventType => Object.hasOwn(catalogue, type);

/** The version in which events of a type are written now. */
export const schemaVersionOf = (type: string): number => (isEventType(type) ? catalogue[type].steps.length : 0) + 1;

/** Brings the data of a stored event to the present schema. @throws EventFromTheFuture */
export function upcast(event: {
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: { readonly schema: number };
}): { readonly type: EventType; readonly data: JsonObject } {
  const { type, data, metadata } = event;
  if (!isEventType(type) || metadata.schema > schemaVersionOf(type))
    throw new EventFromTheFuture(type, metadata.schema);
  return { type, data: catalogue[type].steps.slice(metadata.schema - 1).reduce((lifted, step) => step(lifted), data) };
}
