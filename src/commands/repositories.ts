import type { NamespaceId, RepositoryId, StreamName } from '../domain/shared/ids.js';
import type { RepositoryName } from '../domain/shared/repositoryPath.js';
import { grantsFor, type Grant } from '../domain/organization/defaultPermission/defaultPermissions.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { NameTaken } from '../domain/names/name.js';
import type { Grantee, RepositoryState, Role, Visibility } from '../domain/repository/events.js';
import { RepositoryExists } from '../domain/repository/errors.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import {
  decideCreateRepository,
  decideDeleteRepository,
  decideGrant,
  decideRevoke,
  decideSetDescription,
  decideSetState,
  decideSetVisibility,
} from '../domain/repository/settings.js';
import type { Repository } from '../domain/repository/state.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { KeyedMutex } from '../concurrency/keyedMutex.js';
import { claimName, releaseName, waitForCreation } from './names.js';
import { idOf, organizationStream, repositoryNameStream, repositoryStream } from './streamNames.js';
import type { Decided, Streams } from './streams.js';
import type { RepositoryEvent } from '../domain/repository/events.js';

export type CreateRepository = {
  readonly namespaceId: NamespaceId;
  readonly name: RepositoryName;
  readonly visibility: Visibility;
  readonly description: string | null;
  readonly creator: Grantee | null;
};

/** Repositories: their names, settings and permissions. What is pushed to them is in `pushManifest.ts`. */
export class RepositoryCommands {
  readonly #ensuring = new KeyedMutex<string>();

  constructor(private readonly deps: { readonly streams: Streams; readonly ids: Ids }) {}

  /** @throws NameTaken */
  async create(command: CreateRepository, context: CommandContext): Promise<RepositoryId> {
    const { streams, ids } = this.deps;
    const id = ids.next() as RepositoryId;
    const { namespaceId, name } = command;
    const grants = await this.#grants(command);
    await claimName(streams, context, {
      stream: repositoryNameStream(namespaceId, name),
      name,
      claimant: repositoryStream(id),
      bears: (owner) => this.#bears(owner, namespaceId, name, context),
    });
    await this.#decide(id, context, (state) => decideCreateRepository({ ...command, grants }, state));
    return id;
  }

  /** The repository of that name, created if there is none; those who push first at the same time share one. */
  async ensure(command: CreateRepository, context: CommandContext): Promise<RepositoryId> {
    return this.#ensuring.run(`${command.namespaceId}/${command.name}`, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.create(command, context);
        } catch (error) {
          if (error instanceof NameTaken) return idOf(error.owner) as RepositoryId;
          // Somebody on another node took our claim for an abandoned one: theirs is the repository now, or nobody's.
          if (!(error instanceof RepositoryExists) || attempt === 3) throw error;
        }
      }
    });
  }

  async setDescription(id: RepositoryId, description: string, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideSetDescription(description, state));
  }

  async setVisibility(id: RepositoryId, visibility: Visibility, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideSetVisibility(visibility, state));
  }

  async setState(id: RepositoryId, to: RepositoryState, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideSetState(to, state));
  }

  async grant(id: RepositoryId, grantee: Grantee, role: Role, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideGrant(grantee, role, state));
  }

  async revoke(id: RepositoryId, grantee: Grantee, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state) => decideRevoke(grantee, state));
  }

  /** The name is free at once; the history stays. */
  async delete(id: RepositoryId, context: CommandContext): Promise<void> {
    const before = await this.deps.streams.load(repositoryAggregate, repositoryStream(id));
    await this.#decide(id, context, decideDeleteRepository);
    if (before.kind !== 'active') return;
    const stream = repositoryNameStream(before.namespaceId, before.name);
    await releaseName(this.deps.streams, context, { stream, owner: repositoryStream(id) });
  }

  /** What the default permissions of its organization give to whom; a user has none. */
  async #grants({ namespaceId, creator }: CreateRepository): Promise<readonly Grant[]> {
    const stream = organizationStream(namespaceId);
    const { defaultPermissions } = await this.deps.streams.load(organizationAggregate, stream);
    const member = creator && creator.kind !== 'team' ? { kind: creator.kind, id: creator.id } : null;
    return grantsFor(defaultPermissions.values(), member);
  }

  #decide(
    id: RepositoryId,
    context: CommandContext,
    decide: (state: Repository) => RepositoryEvent[],
  ): Promise<Decided<Repository, RepositoryEvent>> {
    return this.deps.streams.decide(repositoryAggregate, repositoryStream(id), context, decide);
  }

  /** One that claimed the name but bears another, or never came to be, is told so in its own stream. */
  async #bears(owner: StreamName, namespaceId: NamespaceId, name: string, context: CommandContext): Promise<boolean> {
    const { streams } = this.deps;
    await waitForCreation(async () => (await streams.load(repositoryAggregate, owner)).kind !== 'none');
    const { state } = await streams.decide(repositoryAggregate, owner, context, (repository) => {
      if (repository.kind === 'none') return [{ type: 'CreationAbandoned', data: {} }];
      if (repository.kind !== 'active' || (repository.namespaceId === namespaceId && repository.name === name))
        return [];
      return [{ type: 'NameClaimLapsed', data: { name } }];
    });
    return state.kind === 'active' && state.namespaceId === namespaceId && state.name === name;
  }
}
