import { covers, parseScopes } from '../../oauth/scopes.js';
import type { EventsOf } from '../../shared/event.js';
import type { AccountId, EventId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';
import { isAlive, plusSeconds, type Timestamp } from '../../shared/time.js';
import {
  ApplicationNameReserved,
  ApplicationTokenUnknown,
  ApplicationUnknown,
  AssignmentUnknown,
  TokenLimitReached,
  TooManyAssignments,
} from './errors.js';
import type { ApplicationEvents } from './events.js';
import type { Applications } from './state.js';

type ApplicationEvent = EventsOf<ApplicationEvents>;

/** The name that only the provisioning of a bootstrap token may give. */
export const BOOTSTRAP_APPLICATION = '__quay_bootstrap_app';

export type DescribeApplication = {
  /** The id that the sealed fields are bound to. */
  readonly id: EventId;
  readonly clientId: string;
  readonly name: string;
  readonly description: string;
  readonly applicationUri: string;
  readonly redirectUri: string;
  readonly avatarEmail: Sealed | null;
};

export type RegisterApplication = DescribeApplication & {
  readonly secret: Sealed;
  /** Whether it is the registry itself that provisions the application of its bootstrap token. */
  readonly provisioning: boolean;
};

export function decideRegisterApplication(command: RegisterApplication): ApplicationEvent[] {
  const { id, provisioning, ...data } = command;
  if (!provisioning) checkName(command.name);
  return [{ id, type: 'ApplicationRegistered', data }];
}

export function decideChangeApplication(command: DescribeApplication, state: Applications): ApplicationEvent[] {
  const { id, ...data } = command;
  registered(state, command.clientId);
  checkName(command.name);
  return [{ id, type: 'ApplicationChanged', data }];
}

export type ResetApplicationSecret = { readonly id: EventId; readonly clientId: string; readonly secret: Sealed };

export function decideResetSecret(command: ResetApplicationSecret, state: Applications): ApplicationEvent[] {
  const { id, ...data } = command;
  registered(state, command.clientId);
  return [{ id, type: 'ApplicationSecretReset', data }];
}

export function decideRemoveApplication(clientId: string, state: Applications): ApplicationEvent[] {
  registered(state, clientId);
  return [{ type: 'ApplicationRemoved', data: { clientId } }];
}

export type IssueToken = {
  readonly tokenId: string;
  readonly clientId: string;
  readonly accountId: AccountId;
  readonly scope: string;
  readonly name: string | null;
  readonly lookup: string;
  readonly lifetimeSeconds: number;
  readonly issuedBy: AccountId;
  /** The assignment by which he may have it; it is used up. */
  readonly assignmentId: string | null;
  /** So many live tokens an application may have; null: any number. */
  readonly maximumTokens: number | null;
};

/** @throws ApplicationUnknown, AssignmentUnknown, TokenLimitReached */
export function decideIssueToken(command: IssueToken, state: Applications, now: Timestamp): ApplicationEvent[] {
  const { lifetimeSeconds, assignmentId, maximumTokens, ...data } = command;
  registered(state, command.clientId);
  if (assignmentId !== null) checkAssignment(command, assignmentId, state);
  if (maximumTokens !== null && liveTokens(state, command.clientId, now) >= maximumTokens) {
    throw new TokenLimitReached(maximumTokens);
  }
  const issued: ApplicationEvent = {
    type: 'ApplicationTokenIssued',
    data: { ...data, expires: plusSeconds(now, lifetimeSeconds) },
  };
  if (assignmentId === null) return [issued];
  return [issued, { type: 'AuthorizationAssignmentRemoved', data: { assignmentId } }];
}

export type RevokeToken = ApplicationEvents['ApplicationTokenRevoked'];

export function decideRevokeToken(command: RevokeToken, state: Applications): ApplicationEvent[] {
  if (!state.tokens.has(command.tokenId)) throw new ApplicationTokenUnknown();
  return [{ type: 'ApplicationTokenRevoked', data: { ...command } }];
}

export type AssignAuthorization = ApplicationEvents['AuthorizationAssigned'];

/** Nobody is buried in what others assign to him. */
const MOST_ASSIGNMENTS = 20;

/** @throws ApplicationUnknown, TooManyAssignments */
export function decideAssignAuthorization(command: AssignAuthorization, state: Applications): ApplicationEvent[] {
  registered(state, command.clientId);
  const waiting = [...state.assignments.values()].filter(({ accountId }) => accountId === command.accountId);
  if (waiting.length >= MOST_ASSIGNMENTS) throw new TooManyAssignments(MOST_ASSIGNMENTS);
  return [{ type: 'AuthorizationAssigned', data: { ...command } }];
}

export function decideRemoveAssignment(assignmentId: string, state: Applications): ApplicationEvent[] {
  if (!state.assignments.has(assignmentId)) throw new AssignmentUnknown();
  return [{ type: 'AuthorizationAssignmentRemoved', data: { assignmentId } }];
}

function registered(state: Applications, clientId: string): void {
  if (!state.registered.has(clientId)) throw new ApplicationUnknown();
}

function checkName(name: string): void {
  if (name === BOOTSTRAP_APPLICATION) throw new ApplicationNameReserved();
}

/** An assignment gives him whom it names what it names, and nothing more. */
function checkAssignment({ clientId, accountId, scope }: IssueToken, assignmentId: string, state: Applications): void {
  const assignment = state.assignments.get(assignmentId);
  if (assignment?.clientId !== clientId || assignment.accountId !== accountId) throw new AssignmentUnknown();
  if (!covers(parseScopes(assignment.scope), parseScopes(scope))) throw new AssignmentUnknown();
}

function liveTokens(state: Applications, clientId: string, now: Timestamp): number {
  let live = 0;
  for (const token of state.tokens.values()) if (token.clientId === clientId && isAlive(token.expires, now)) live++;
  return live;
}
