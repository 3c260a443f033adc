import { repositoryAggregate } from '../domain/repository/evolve.js';
import { ReferenceSizeWrong } from '../domain/repository/errors.js';
import type { ManifestRecord, Reference, RepositoryEvent } from '../domain/repository/events.js';
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
    const named = async () => {
      const held = await contents.holdForPush(command.repositoryId, blobs);
      return { held, sizes: await contents.present(blobs) };
    };
    // Before the event that names them: an append must never be the first of the two to count.
    const [{ held, sizes }] = await Promise.all([named(), contents.storeBytes(digest, command.bytes)]);
    if (manifest.kind !== 'schema1') checkSizes(due, sizes);
    const present = new Set(sizes.keys());
    return streams.decide(repositoryAggregate, repositoryStream(command.repositoryId), context, (state, now) =>
      decidePushManifest({ now, digest, manifest, tags, byDigest, held, present, sparse, holdSeconds }, state),
    );
  }
}

/** A descriptor that states another size than its content has would make clients fetch too much or too little. */
function checkSizes(references: readonly Reference[], sizes: ReadonlyMap<Digest, number>): void {
  for (const { digest, size } of references) {
    const stored = sizes.get(digest) ?? size;
    if (stored !== size) throw new ReferenceSizeWrong(digest, size, stored);
  }
}
