import type { RepositoryEvent } from '../domain/repository/events.js';
import { decideDeleteManifest, decideDeleteTag } from '../domain/repository/deleteTag.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideRestoreTag, decideSetTagExpiry } from '../domain/repository/restoreTag.js';
import type { Repository } from '../domain/repository/state.js';
import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { CommandContext } from './context.js';
import { repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What happens to tags and manifests after they were pushed. */
export class TagCommands {
  constructor(private readonly streams: Streams) {}

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
  async restoreTag(id: RepositoryId, tag: string, digest: Digest, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideRestoreTag({ tag, digest, now }, state));
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
  async setExpiry(id: RepositoryId, tag: string, end: Timestamp | null, context: CommandContext): Promise<void> {
    await this.#decide(id, context, (state, now) => decideSetTagExpiry({ tag, end, now }, state));
  }

  async #decide(
    id: RepositoryId,
    context: CommandContext,
    decide: (state: Repository, now: Timestamp) => RepositoryEvent[],
  ): Promise<readonly RepositoryEvent[]> {
    return (await this.streams.decide(repositoryAggregate, repositoryStream(id), context, decide)).events;
  }
}
