import { Contents } from '../../src/commands/contents.js';
import { LabelCommands } from '../../src/commands/labels.js';
import { PushManifestHandler } from '../../src/commands/pushManifest.js';
import { RepositoryCommands } from '../../src/commands/repositories.js';
import { repositoryStream } from '../../src/commands/streamNames.js';
import type { Streams } from '../../src/commands/streams.js';
import { TagCommands } from '../../src/commands/tags.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import { active, type ActiveRepository } from '../../src/domain/repository/state.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import { allBlobs, type KnownManifest } from '../model/universe.js';
import { context, rethrown, type World } from './world.js';

/** Who pushes: by tag if tags are given, else by digest. */
export type Pushed = { readonly to: RepositoryId; readonly tags?: readonly string[] };

/** The commands of one process on a world's stores that have to do with what is in a repository. */
export class RegistryProcess {
  readonly streams: Streams;
  readonly contents: Contents;
  readonly push: PushManifestHandler;
  readonly tags: TagCommands;
  readonly labels: LabelCommands;
  readonly repositories: RepositoryCommands;

  constructor(world: World) {
    const { blobs, operational } = world.stores;
    const { clock, ids } = world;
    this.streams = world.streams();
    this.contents = new Contents({
      blobs,
      operational,
      clock,
      ids,
      notRemoved: rethrown,
      holdSeconds: 3_600,
      oneWriter: true,
    });
    this.push = new PushManifestHandler({
      ...{ streams: this.streams, contents: this.contents },
      ...{ sparse: false, holdSeconds: 3_600, isNamed: () => Promise.resolve(false) },
    });
    this.tags = new TagCommands({
      streams: this.streams,
      lifetimes: { minimumSeconds: 3_600, maximumSeconds: 31_536_000 },
      releasesChildren: false,
    });
    this.labels = new LabelCommands({ streams: this.streams, ids, reservedPrefixes: ['example.'] });
    this.repositories = new RepositoryCommands({ streams: this.streams, ids });
  }

  /** Uploads the blobs of a manifest, whichever of them are there already. */
  async upload({ blobs }: KnownManifest, to: RepositoryId): Promise<void> {
    for (const { digest, bytes } of allBlobs.filter(({ digest: known }) => blobs.includes(known))) {
      await this.contents.storeBytes(digest, bytes, [this.contents.holding(to, digest)]);
    }
  }

  async pushed({ digest, bytes, record }: KnownManifest, { to, tags = [] }: Pushed): Promise<void> {
    const command = { repositoryId: to, bytes, digest, manifest: record, tags, byDigest: tags.length === 0 };
    await this.push.handle(command, context());
  }

  async repository(id: RepositoryId): Promise<ActiveRepository> {
    return active(await this.streams.load(repositoryAggregate, repositoryStream(id)));
  }
}
