import type { FederatedIdentity, NamespaceEvent } from '../domain/namespace/events.js';
import { parseFederation } from '../domain/namespace/federation.js';
import { parseRobotMetadata } from '../domain/namespace/robotMetadata.js';
import {
  activeNamespace,
  namespaceAggregate,
  NamespaceUnknown,
  type Namespace,
} from '../domain/namespace/namespace.js';
import {
  decideCreateRobot,
  decideDeleteRobot,
  decideRegenerateToken,
  decideSetFederation,
  robotOf,
} from '../domain/namespace/robots.js';
import { RepositoryUnknown } from '../domain/repository/errors.js';
import type { Grantee } from '../domain/repository/events.js';
import type { EventId, NamespaceId, RepositoryId, RobotId } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { RobotShortName } from '../domain/shared/namespaceName.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Ids } from '../ports/clock.js';
import { KeyDestroyed } from '../ports/keyStore.js';
import type { CommandContext } from './context.js';
import { generatedSecret, UPPER_ALPHANUMERIC } from './generatedSecrets.js';
import type { OrganizationCommands } from './organizations.js';
import type { RepositoryCommands } from './repositories.js';
import { namespaceSubject, type Sealing } from './sealing.js';
import { namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type NewRobot = {
  readonly namespaceId: NamespaceId;
  readonly shortName: RobotShortName;
  readonly description: string;
  readonly metadata: JsonObject | null;
};

/** A robot by what it is called; a name that no robot could have is one that none has. */
export type RobotAddress = { readonly namespaceId: NamespaceId; readonly shortName: string };

const TOKEN_LENGTH = 64;

/** Robots: accounts of a namespace that nobody signs in with, each with one token (contract: accounts §7). */
export class RobotCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly sealing: Sealing;
      readonly ids: Ids;
      readonly organizations: Pick<OrganizationCommands, 'forget'>;
      readonly repositories: Pick<RepositoryCommands, 'revoke'>;
      /** Where in its namespace a robot was granted something itself. */
      readonly grantedIn: (id: NamespaceId, robot: Grantee) => AsyncIterable<RepositoryId>;
      /** Whether a robot of this name may be made (ROBOTS_DISALLOW and its whitelist). */
      readonly allowed: (name: string) => boolean;
    },
  ) {}

  /** @throws NamespaceUnknown, RobotsDisallowed, RobotExists, RobotMetadataInvalid */
  async create(command: NewRobot, context: CommandContext): Promise<RobotId> {
    const { namespaceId, shortName, description } = command;
    const robotId = this.deps.ids.next() as RobotId;
    const metadata = parseRobotMetadata(command.metadata);
    const { eventId, token } = await this.#newToken(namespaceId);
    const { allowed } = this.deps;
    const robot = { robotId, shortName, description, metadata, token, eventId, allowed };
    await this.#decide(namespaceId, context, (state) => decideCreateRobot(robot, state));
    return robotId;
  }

  /** What the old token issued is void when this answers. @throws NamespaceUnknown, RobotUnknown */
  async regenerateToken({ namespaceId, shortName }: RobotAddress, context: CommandContext): Promise<void> {
    const { eventId, token } = await this.#newToken(namespaceId);
    await this.#decide(namespaceId, context, (state) => decideRegenerateToken({ shortName, token, eventId }, state));
  }

  /**
   * With its memberships and permissions, which go first: who is interrupted finds it still there and may go on.
   *
   * @throws NamespaceUnknown, RobotUnknown
   */
  async delete({ namespaceId, shortName }: RobotAddress, context: CommandContext): Promise<void> {
    const { streams, organizations, repositories, grantedIn } = this.deps;
    const state = await streams.load(namespaceAggregate, namespaceStream(namespaceId));
    const robot = { kind: 'robot', id: robotOf(state, shortName).id } as const;
    await organizations.forget(robot, context);
    for await (const id of grantedIn(namespaceId, robot)) {
      await repositories.revoke(id, robot, context).catch(ignoreGone);
    }
    await this.#decide(namespaceId, context, (state) => decideDeleteRobot(shortName, state));
  }

  /**
   * Whom the robot trusts from now on; nobody: an empty list.
   *
   * @returns what was kept of it
   * @throws FederationInvalid, NamespaceUnknown, RobotUnknown
   */
  async setFederation(
    { namespaceId, shortName }: RobotAddress,
    wanted: readonly FederatedIdentity[],
    context: CommandContext,
  ): Promise<readonly FederatedIdentity[]> {
    const config = parseFederation(wanted);
    await this.#decide(namespaceId, context, (state) => decideSetFederation({ shortName, config }, state));
    return config;
  }

  async #newToken(namespaceId: NamespaceId): Promise<{ readonly eventId: EventId; readonly token: Sealed }> {
    const { streams, sealing, ids } = this.deps;
    // No key is made for a namespace that is not there.
    activeNamespace(await streams.load(namespaceAggregate, namespaceStream(namespaceId)));
    const eventId = ids.next() as EventId;
    const secret = generatedSecret(TOKEN_LENGTH, UPPER_ALPHANUMERIC);
    try {
      return { eventId, token: await sealing.seal(namespaceSubject(namespaceId), `${eventId}/token`, secret) };
    } catch (error) {
      throw error instanceof KeyDestroyed ? new NamespaceUnknown() : error;
    }
  }

  async #decide(
    namespaceId: NamespaceId,
    context: CommandContext,
    decide: (state: Namespace) => NamespaceEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(namespaceAggregate, namespaceStream(namespaceId), context, decide);
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof RepositoryUnknown)) throw error;
}
