import type { Static } from 'typebox';
import type { CommandContext } from '../../../commands/context.js';
import { RobotUnknown } from '../../../domain/namespace/robots.js';
import type { CredentialRef } from '../../../domain/shared/envelope.js';
import type { NamespaceId } from '../../../domain/shared/ids.js';
import { parseRobotShortName } from '../../../domain/shared/namespaceName.js';
import type { Timestamp } from '../../../domain/shared/time.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { RobotDocument } from '../../../projections/robots.js';
import type { Api } from '../api.js';
import type { Refusals } from '../framework/endpoint.js';
import { InvalidRequest } from '../framework/problems.js';
import type { NewRobotBody } from './bodies.js';
import {
  permissionsView,
  robotShown,
  tokenOf,
  type NewRobotView,
  type RegeneratedRobotView,
  type RobotListView,
  type RobotPermissionsView,
  type RobotView,
} from './views.js';

const asInvalidRequest = (error: Error): InvalidRequest => new InvalidRequest(error.message);

/** Refusals that are problem objects here (contract: accounts §7). */
export const robotRefusals: Refusals = {
  'robot-exists': asInvalidRequest,
  'robots-disallowed': asInvalidRequest,
  'robot-metadata-invalid': asInvalidRequest,
  'federation-invalid': asInvalidRequest,
  'namespace-name-invalid': asInvalidRequest,
};

export type Listing = {
  readonly tokens: boolean;
  readonly permissions: boolean;
  readonly limit: number | undefined;
};

/** What the operations of users and of organizations do alike: a namespace is all that they differ in. */
export class ApiRobots {
  constructor(private readonly api: Pick<Api, 'commands' | 'queries' | 'lastUses' | 'sealing' | 'portraits'>) {}

  /** @throws RobotUnknown */
  async found({ id }: NamespaceDocument, shortName: string): Promise<RobotDocument> {
    const robot = await this.api.queries.robots.byName(id, shortName);
    if (!robot) throw new RobotUnknown();
    return robot;
  }

  /** Those that were used last come first, after those that never were. */
  async list(
    namespace: NamespaceDocument,
    { tokens, permissions, limit }: Listing,
  ): Promise<Static<typeof RobotListView>['robots']> {
    const { queries, sealing, lastUses } = this.api;
    const all = await queries.robots.inNamespace(namespace.id);
    const uses = await lastUses.of(all.map(credentialOf));
    const rights = permissions ? await this.#rightsIn(namespace) : undefined;
    const shown = all
      .map((robot, index) => ({ robot, used: uses[index] ?? null }))
      .sort((one, other) => newestFirst(one.used, other.used))
      .slice(0, limit === undefined || limit <= 0 ? all.length : limit);
    return Promise.all(
      shown.map(async ({ robot, used }) => ({
        ...robotShown(robot, namespace, used),
        ...(tokens ? { token: await tokenOf(robot, sealing) } : {}),
        ...rights?.(robot),
      })),
    );
  }

  async one(namespace: NamespaceDocument, shortName: string, withToken: boolean): Promise<Static<typeof RobotView>> {
    const robot = await this.found(namespace, shortName);
    return {
      ...robotShown(robot, namespace, await this.#lastUse(robot)),
      ...(withToken ? { token: await tokenOf(robot, this.api.sealing) } : {}),
      unstructured_metadata: robot.metadata ?? {},
    };
  }

  async create(
    namespace: NamespaceDocument,
    shortName: string,
    body: NewRobotBody,
    context: CommandContext,
  ): Promise<Static<typeof NewRobotView>> {
    const { description = '', unstructured_metadata: metadata = null } = body;
    const robot = { namespaceId: idOf(namespace), shortName: parseRobotShortName(shortName), description, metadata };
    await this.api.commands.robots.create(robot, context);
    return { ...(await this.#withToken(namespace, shortName)), unstructured_metadata: metadata };
  }

  async regenerate(
    namespace: NamespaceDocument,
    shortName: string,
    context: CommandContext,
  ): Promise<Static<typeof RegeneratedRobotView>> {
    await this.api.commands.robots.regenerateToken({ namespaceId: idOf(namespace), shortName }, context);
    return this.#withToken(namespace, shortName);
  }

  async delete(namespace: NamespaceDocument, shortName: string, context: CommandContext): Promise<void> {
    await this.api.commands.robots.delete({ namespaceId: idOf(namespace), shortName }, context);
  }

  async permissions(namespace: NamespaceDocument, shortName: string): Promise<Static<typeof RobotPermissionsView>> {
    const { id } = await this.found(namespace, shortName);
    return permissionsView(await this.api.queries.repositories.grantedIn(namespace.id, { kind: 'robot', id }));
  }

  async #withToken(namespace: NamespaceDocument, shortName: string) {
    const robot = await this.found(namespace, shortName);
    return {
      ...robotShown(robot, namespace, await this.#lastUse(robot)),
      token: await tokenOf(robot, this.api.sealing),
    };
  }

  async #lastUse(robot: RobotDocument): Promise<Timestamp | null> {
    return (await this.api.lastUses.of([credentialOf(robot)]))[0] ?? null;
  }

  /** What each robot of a namespace has, found in one go. */
  async #rightsIn({ id }: NamespaceDocument) {
    const { organizations, repositories } = this.api.queries;
    const members = await organizations.membersIn(id);
    const grants = Map.groupBy(await repositories.grantsIn(id, 'robot'), ({ grantee }) => grantee);
    return ({ id: robotId }: RobotDocument) => ({
      teams: (members.get(`robot:${robotId}`) ?? []).map((team) => ({
        name: team.name,
        avatar: this.api.portraits.team(team),
      })),
      repositories: (grants.get(`robot:${robotId}`) ?? []).map(({ repository }) => repository.name),
    });
  }
}

const credentialOf = ({ id }: RobotDocument): CredentialRef => ({ kind: 'robot-token', id });

/** Those that never were come first. */
const newestFirst = (one: Timestamp | null, other: Timestamp | null): number => {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? -1 : 1;
  return one > other ? -1 : 1;
};

/** Ids in documents were branded before they went into an event. */
export const idOf = ({ id }: NamespaceDocument): NamespaceId => id as NamespaceId;
