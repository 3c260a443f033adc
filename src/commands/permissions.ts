import type { RepositoryEvent } from '../domain/repository/events.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import {
  decideGrantPermission,
  decideRevokePermission,
  type GrantPermission,
  type RevokePermission,
} from '../domain/repository/permissions.js';
import type { Repository } from '../domain/repository/state.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import { repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** Who may do what in a repository, as its administrators set it (contract: organizations §8). */
export class PermissionCommands {
  constructor(private readonly streams: Streams) {}

  /** Gives a role, or another one than before. @throws RepositoryUnknown, OwnerIsAdmin, RobotElsewhere */
  async grant(id: RepositoryId, command: GrantPermission, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideGrantPermission(command, state));
  }

  /** It holds nowhere any more when this answers. @throws RepositoryUnknown, OwnerIsAdmin, PermissionUnknown */
  async revoke(id: RepositoryId, command: RevokePermission, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideRevokePermission(command, state));
  }

  async #decide(
    id: RepositoryId,
    context: CommandContext,
    decide: (state: Repository) => RepositoryEvent[],
  ): Promise<void> {
    await this.streams.decide(repositoryAggregate, repositoryStream(id), context, decide);
  }
}
