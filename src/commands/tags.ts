import type { RepositoryEvent } from '../domain/repository/events.js';
import { decideDeleteManifest, decideDeleteTag } from '../domain/repository/deleteTag.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideMoveTag } from '../domain/repository/moveTag.js';
import { decidePurgeTag, type PurgeTag } from '../domain/repository/purgeTag.js';
import { decideRestoreTag } from '../domain/repository/restoreTag.js';
import type { Repository } from '../domain/repository/state.js';
import { decideChangeTagExpiration, decideSetTagExpiry, type TagLifetimes } from '../domain/repository/tagExpiry.js';
import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { CommandContext } from './context.js';
import { repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What happens to tags and manifests after they were pushed. */
export class TagCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly lifetimes: TagLifetimes;
      /** RESET_CHILD_MANIFEST_EXPIRATION. */
      readonly releasesChildren: boolean;
    },
  ) {}

  /** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
  async deleteTag(id: RepositoryId, tag: string, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideDeleteTag({ tag, now }, state));
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, ManifestReferenced */
  async deleteManifest(id: RepositoryId, digest: Digest, context: CommandContext): Promise<void> {
    // As many of its tags at a time as fit into one append, the manifest with the last of them.
    for (;;) {
      const events = await this.#decide(id, context, (state, now) => decideDeleteManifest({ digest, now }, state));
      if (events.some(({ type }) => type === 'ManifestDeleted')) return;
    }
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown */
  async moveTag(id: RepositoryId, tag: string, digest: Digest, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideMoveTag({ tag, digest, now }, state));
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown */
  async restoreTag(id: RepositoryId, tag: string, digest: Digest, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideRestoreTag({ tag, digest, now }, state));
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
  async setExpiry(id: RepositoryId, tag: string, end: Timestamp | null, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideSetTagExpiry({ tag, end, now }, state));
  }

  /**
   * @param expiration seconds since the epoch, moved to what is allowed; null: never
   * @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown, ExpirationInvalid
   */
  async changeExpiration(
    id: RepositoryId,
    tag: string,
    expiration: number | null,
    context: CommandContext,
  ): Promise<void> {
    const { lifetimes } = this.deps;
    await this.#decide(id, context, (state, now) =>
      decideChangeTagExpiration({ tag, expiration, lifetimes, now }, state),
    );
  }

  /**
   * @param includeChildren children lose what keeps them without a tag, where the instance does so
   * @throws RepositoryUnknown, TagUnknown, ManifestUnknown
   */
  async purgeTag(
    id: RepositoryId,
    {
      includeChildren,
      ...purge
    }: Pick<PurgeTag, 'tag' | 'digest' | 'windowSeconds'> & { readonly includeChildren: boolean },
    context: CommandContext,
  ): Promise<void> {
    const releaseChildren = includeChildren && this.deps.releasesChildren;
    await this.#decide(id, context, (state, now) => decidePurgeTag({ ...purge, releaseChildren, now }, state));
  }

  async #decide(
    id: RepositoryId,
    context: CommandContext,
    decide: (state: Repository, now: Timestamp) => RepositoryEvent[],
  ): Promise<readonly RepositoryEvent[]> {
    return (await this.deps.streams.decide(repositoryAggregate, repositoryStream(id), context, decide)).events;
  }
}
