import { repositoryAggregate } from '../domain/repository/evolve.js';
import type { ManifestRecord, RepositoryEvent } from '../domain/repository/events.js';
import { decidePushManifest } from '../domain/repository/push.js';
import type { Repository } from '../domain/repository/state.js';
import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import type { Contents } from './contents.js';
import { repositoryStream } from './streamNames.js';
import type { Decided, Streams } from './streams.js';

export type PushManifest = {
  readonly repositoryId: RepositoryId;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly manifest: ManifestRecord;
  readonly tags: readonly string[];
  readonly byDigest: boolean;
};

/**
 * Stores the bytes, then names them in one append. What the manifest names is held before its content records are
 * read, so that a collector that comes between finds the holds (design section 7, "Collection never races a push").
 */
export class PushManifestHandler {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly contents: Contents;
      readonly sparse: boolean;
      readonly holdSeconds: number;
    },
  ) {}

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestBlobUnknown, ReferenceSizeWrong */
  async handle(command: PushManifest, context: CommandContext): Promise<Decided<Repository, RepositoryEvent>> {
    const { streams, contents, sparse, holdSeconds } = this.deps;
    const { digest, manifest, tags, byDigest } = command;
    const due = manifest.references.filter((reference) => reference.due);
    const blobs = due.filter(({ kind }) => kind !== 'child').map((reference) => reference.digest);
    const held = await contents.holdForPush(command.repositoryId, blobs);
    const present = await contents.present(blobs);
    const { stored } = await contents.beginStoreBytes(digest, command.bytes);
    const decided = await streams.decide(
      repositoryAggregate,
      repositoryStream(command.repositoryId),
      context,
      (state, now) =>
        decidePushManifest({ now, digest, manifest, tags, byDigest, held, present, sparse, holdSeconds }, state),
    );
    await stored;
    return decided;
  }
}
