import { repositoryAggregate } from '../domain/repository/evolve.js';
import { ReferenceSizeWrong } from '../domain/repository/errors.js';
import type { ManifestRecord, Reference, RepositoryEvent } from '../domain/repository/events.js';
import { decidePushManifest } from '../domain/repository/push.js';
import type { Repository } from '../domain/repository/state.js';
import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { ContentMissing } from '../ports/errors.js';
import type { CommandContext } from './context.js';
import type { Contents, Stored } from './contents.js';
import { repositoryStream } from './streamNames.js';
import type { Decided, Streams } from './streams.js';

export type PushManifest = {
  readonly repositoryId: RepositoryId;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly manifest: ManifestRecord;
  /** The config that adds to it, and the manifest with what it adds: where the repository may read it, that one counts. */
  readonly labelled?: { readonly config: Digest; readonly by: (config: Uint8Array) => ManifestRecord };
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
      /** Whether a visible manifest of the repository names the blob. */
      readonly isNamed: (repositoryId: RepositoryId, digest: Digest) => Promise<boolean>;
      readonly sparse: boolean;
      readonly holdSeconds: number;
    },
  ) {}

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestBlobUnknown, ReferenceSizeWrong */
  async handle(command: PushManifest, context: CommandContext): Promise<Decided<Repository, RepositoryEvent>> {
    const { streams, contents, sparse, holdSeconds } = this.deps;
    const { repositoryId, digest, tags, byDigest } = command;
    // Before the event that names them: an append must never be the first of the two to count.
    const [{ held, present, manifest }, stored] = await Promise.all([
      this.#named(command),
      contents.submitBytes(digest, command.bytes),
    ]);
    const deciding = streams.decide(
      repositoryAggregate,
      repositoryStream(repositoryId),
      context,
      (state, now) =>
        decidePushManifest({ now, digest, manifest, tags, byDigest, held, present, sparse, holdSeconds }, state),
      stored,
    );
    const [decided] = await Promise.all([deciding, stored.durable]);
    return decided;
  }

  /** Which of the blobs that it names are held here, and which are there; and what its config adds to it. */
  async #named(command: PushManifest) {
    const { contents } = this.deps;
    const { repositoryId, manifest } = command;
    const due = manifest.references.filter((reference) => reference.due);
    const blobs = due.filter(({ kind }) => kind !== 'child').map((reference) => reference.digest);
    const held = await contents.holdForPush(repositoryId, blobs);
    const stored = await contents.present(blobs);
    if (manifest.kind !== 'schema1') checkSizes(due, stored);
    const config = await this.#config(command, held, stored);
    const present = new Set(stored.keys());
    return { held, present, manifest: config && command.labelled ? command.labelled.by(config) : manifest };
  }

  /**
   * Only what the repository may read, and only if it is as large as stated: what was stated was looked at.
   *
   * @param stored what is there; without the config if it is not when it is read
   */
  async #config(
    { repositoryId, labelled }: PushManifest,
    held: ReadonlySet<Digest>,
    stored: Map<Digest, Stored>,
  ): Promise<Uint8Array | undefined> {
    const { contents, isNamed } = this.deps;
    const config = labelled && stored.get(labelled.config);
    if (!config) return undefined;
    if (!held.has(config.digest) && !(await isNamed(repositoryId, config.digest))) return undefined;
    try {
      return await contents.read(config);
    } catch (error) {
      if (!(error instanceof ContentMissing)) throw error;
      // Found damaged just now: the manifest is refused for it.
      stored.delete(config.digest);
      return undefined;
    }
  }
}

/** A descriptor that states another size than its content has would make clients fetch too much or too little. */
function checkSizes(references: readonly Reference[], contents: ReadonlyMap<Digest, Stored>): void {
  for (const { digest, size } of references) {
    const stored = contents.get(digest)?.size ?? size;
    if (stored !== size) throw new ReferenceSizeWrong(digest, size, stored);
  }
}
