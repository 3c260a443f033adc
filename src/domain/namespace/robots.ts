import { DomainError } from '../shared/errors.js';
import type { EventId, RobotId } from '../shared/ids.js';
import type { JsonObject } from '../shared/json.js';
import type { RobotShortName } from '../shared/namespaceName.js';
import type { Sealed } from '../shared/sealed.js';
import type { FederatedIdentity, NamespaceEvent } from './events.js';
import { activeNamespace, type Namespace } from './namespace.js';
import { robotNamed, type RobotState } from './robotState.js';

/** The contract's words for a robot that is not there, whatever is asked of it (contract: accounts §7). */
export class RobotUnknown extends DomainError {
  readonly code = 'robot-unknown';
  constructor() {
    super('Could not find robot with specified username');
  }
}

export class RobotExists extends DomainError {
  readonly code = 'robot-exists';
  constructor(name: string) {
    super(`Existing robot with name: ${name}`, { name });
  }
}

/** The registry makes no robots and lets none in (ROBOTS_DISALLOW); both are refused in the same words. */
export const ROBOTS_DISALLOWED = 'Robot accounts have been disabled. Please contact your administrator.';

export class RobotsDisallowed extends DomainError {
  readonly code = 'robots-disallowed';
  constructor() {
    super(ROBOTS_DISALLOWED);
  }
}

/** As clients and permissions call a robot. */
export const robotName = (namespace: string, shortName: string): string => `${namespace}+${shortName}`;

export type CreateRobot = {
  readonly robotId: RobotId;
  readonly shortName: RobotShortName;
  readonly description: string;
  readonly metadata: JsonObject | null;
  readonly token: Sealed;
  /** The id that the sealed token is bound to. */
  readonly eventId: EventId;
  /** Whether a robot of this name may be made now. */
  readonly allowed: (name: string) => boolean;
};

/** @throws NamespaceUnknown, RobotsDisallowed, RobotExists */
export function decideCreateRobot(command: CreateRobot, state: Namespace): NamespaceEvent[] {
  const namespace = activeNamespace(state);
  const { robotId, shortName, description, metadata, token, eventId, allowed } = command;
  const name = robotName(namespace.name, shortName);
  if (!allowed(name)) throw new RobotsDisallowed();
  if (robotNamed(namespace.robots, shortName)) throw new RobotExists(name);
  return [{ id: eventId, type: 'RobotCreated', data: { robotId, shortName, description, metadata, token } }];
}

export type RegenerateToken = { readonly shortName: string; readonly token: Sealed; readonly eventId: EventId };

/** @throws NamespaceUnknown, RobotUnknown */
export function decideRegenerateToken(command: RegenerateToken, state: Namespace): NamespaceEvent[] {
  const { id: robotId, generation } = robotOf(state, command.shortName);
  const data = { robotId, token: command.token, generation: generation + 1 };
  return [{ id: command.eventId, type: 'RobotTokenRegenerated', data }];
}

/** @throws NamespaceUnknown, RobotUnknown */
export function decideDeleteRobot(shortName: string, state: Namespace): NamespaceEvent[] {
  const { id: robotId } = robotOf(state, shortName);
  return [{ type: 'RobotDeleted', data: { robotId } }];
}

export type SetFederation = { readonly shortName: string; readonly config: readonly FederatedIdentity[] };

/** @throws NamespaceUnknown, RobotUnknown */
export function decideSetFederation({ shortName, config }: SetFederation, state: Namespace): NamespaceEvent[] {
  const { id: robotId, federation } = robotOf(state, shortName);
  return isSame(federation, config) ? [] : [{ type: 'RobotFederationSet', data: { robotId, config } }];
}

const isSame = (one: readonly FederatedIdentity[], other: readonly FederatedIdentity[]): boolean =>
  one.length === other.length &&
  one.every(({ issuer, subject }, index) => other[index]?.issuer === issuer && other[index].subject === subject);

/** @throws NamespaceUnknown, RobotUnknown */
export function robotOf(state: Namespace, shortName: string): RobotState {
  const robot = robotNamed(activeNamespace(state).robots, shortName);
  if (!robot) throw new RobotUnknown();
  return robot;
}
