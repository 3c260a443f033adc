import { artifact, blob, ociImage, ociIndex, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../support/images.js';
import {
  digestOf,
  expectStatus,
  freshBytes,
  Repository,
  type Answer,
  type Descriptor,
  type RequestOptions,
  type V2Client,
} from '../support/v2client.js';
import { between, type Random } from '../powerloss/random.js';
import type { RepositoryModel, Upload } from './model.js';

const TAGS_EACH = 4;
const CHUNKS = 4;

/** Thrown by whatever was under way when the server was killed. */
class Interrupted extends Error {}

/** Until when requests are sent: ended in the moment of the kill. */
export class Load {
  private ended = false;

  isOver(): boolean {
    return this.ended;
  }

  end(): void {
    this.ended = true;
  }
}

/** A repository on a server that may die: what fails then is no failure, and nothing is sent afterwards. */
class MortalRepository extends Repository {
  constructor(
    client: V2Client,
    name: string,
    private readonly load: Load,
  ) {
    super(client, name);
  }

  override async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    if (this.load.isOver()) throw new Interrupted();
    try {
      return await super.send(method, path, options);
    } catch (error) {
      if (this.load.isOver()) throw new Interrupted('the server was killed', { cause: error });
      throw error;
    }
  }
}

type References = {
  readonly blobs?: readonly string[];
  readonly children?: readonly string[];
  readonly subject?: string;
};

/** Pushes, moves and deletes at random, and notes what it attempts and what is acknowledged. */
export class CrashClient {
  readonly #repository: Repository;

  constructor(
    private readonly model: RepositoryModel,
    private readonly random: Random,
    private readonly load: Load,
    { client, name, lane }: { readonly client: V2Client; readonly name: string; readonly lane: number },
  ) {
    this.#repository = new MortalRepository(client, name, load);
    this.tags = Array.from({ length: TAGS_EACH }, (_, index) => `c${lane}-t${index}`);
  }

  private readonly tags: readonly string[];

  /** @returns how many acts were acknowledged in full */
  async run(limit = Infinity): Promise<number> {
    let done = 0;
    try {
      while (!this.load.isOver() && done < limit) {
        await this.#act();
        done++;
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
    return done;
  }

  #act(): Promise<unknown> {
    const dice = this.random();
    if (dice < 0.35) return this.#pushImage(this.#anyTag());
    if (dice < 0.45) return this.#pushImage(null);
    if (dice < 0.6) return this.#pushLarge(this.#anyTag());
    if (dice < 0.7) return this.#pushIndex(this.#anyTag());
    if (dice < 0.8) return this.#moveTag(this.#anyTag(), this.#anyTag());
    if (dice < 0.88) return this.#pushReferrer(this.#anyTag());
    if (dice < 0.94) return this.#deleteTag(this.#anyTag());
    return this.#deleteManifest(this.#anyTag());
  }

  #anyTag(): string {
    return this.tags[between(this.random, 0, this.tags.length - 1)] ?? '';
  }

  /** Under way nothing is unsure of a tag: its one client acts on it once at a time. */
  #current(tag: string): string | null {
    return this.model.tag(tag).values.at(-1) ?? null;
  }

  async #pushImage(tag: string | null): Promise<Descriptor> {
    const image = await ociImage(this.#repository);
    return this.#put(image, OCI_MANIFEST, tag, { blobs: blobsOf(image) });
  }

  /** A layer of a few hundred KiB to some MiB, in chunks that state where they begin, or streamed without. */
  async #pushLarge(tag: string): Promise<void> {
    const bytes = freshBytes(between(this.random, 200, 3000) * 1024);
    const upload: Upload = {
      ...{ location: await this.#repository.beginUpload(), bytes, digest: digestOf(bytes) },
      ...{ acknowledged: 0, closing: false },
    };
    this.model.uploads.add(upload);
    const size = Math.ceil(bytes.byteLength / CHUNKS);
    const stated = this.random() < 0.5;
    while (upload.acknowledged < bytes.byteLength) {
      const start = upload.acknowledged;
      const part = bytes.subarray(start, start + size);
      expectStatus(await this.#repository.patch(upload.location, part, stated ? start : undefined), 202);
      upload.acknowledged += part.byteLength;
    }
    upload.closing = true;
    expectStatus(await this.#repository.close(upload.location, upload.digest), 201);
    this.model.uploads.delete(upload);
    const layer = { mediaType: OCI_LAYER, digest: upload.digest, size: bytes.byteLength };
    const image = await ociImage(this.#repository, { layers: [layer] });
    await this.#put(image, OCI_MANIFEST, tag, { blobs: blobsOf(image) });
  }

  async #pushIndex(tag: string): Promise<void> {
    const children = [await this.#pushImage(null), await this.#pushImage(null)];
    await this.#put(ociIndex(children), OCI_INDEX, tag, { children: children.map(({ digest }) => digest) });
  }

  async #pushReferrer(tag: string): Promise<void> {
    const subject = this.#current(tag);
    if (subject === null) return;
    const size = expectStatus(await this.#repository.head(`manifests/${subject}`), 200).header('content-length');
    const layers = [await blob(this.#repository, OCI_LAYER)];
    const descriptor = { mediaType: OCI_MANIFEST, digest: subject, size: Number(size) };
    const document = await artifact(this.#repository, 'application/x-crash', { subject: descriptor, layers });
    await this.#put(document, OCI_MANIFEST, null, { blobs: blobsOf(document), subject });
  }

  /** Pushes the manifest of one tag under another. */
  async #moveTag(from: string, to: string): Promise<void> {
    const content = this.model.contents.get(this.#current(from) ?? '');
    if (!content) return;
    const read = expectStatus(await this.#repository.get(`manifests/${content.digest}`), 200);
    const tag = this.model.tag(to);
    tag.attempt(content.digest);
    expectStatus(await this.#repository.putManifest(read.body, content.mediaType, to), 201);
    tag.settle(content.digest);
  }

  async #deleteTag(name: string): Promise<void> {
    if (this.#current(name) === null) return;
    const tag = this.model.tag(name);
    tag.attempt(null);
    expectStatus(await this.#repository.delete(`manifests/${name}`), 202);
    tag.settle(null);
  }

  /** With the manifest go all tags that show it, and they are all this client's. */
  async #deleteManifest(name: string): Promise<void> {
    const digest = this.#current(name);
    if (digest === null) return;
    const tags = this.tags.filter((each) => this.#current(each) === digest).map((each) => this.model.tag(each));
    for (const tag of tags) tag.attempt(null);
    // What only a tag shows can be read for as long as the tag does.
    if (this.model.pushedByDigest.has(digest)) this.model.byDigest(digest).attempt(false);
    expectStatus(await this.#repository.delete(`manifests/${digest}`), 202);
    for (const tag of tags) tag.settle(null);
    this.model.byDigest(digest).settle(false);
  }

  async #put(document: object, mediaType: string, tag: string | null, references: References): Promise<Descriptor> {
    const { blobs = [], children = [], subject = null } = references;
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    this.model.contents.set(digest, { digest, mediaType, blobs, children, subject });
    if (tag === null) this.model.byDigest(digest).attempt(true);
    else this.model.tag(tag).attempt(digest);
    expectStatus(await this.#repository.putManifest(bytes, mediaType, tag ?? digest), 201);
    if (tag === null) this.model.byDigest(digest).settle(true);
    else this.model.tag(tag).settle(digest);
    return { mediaType, digest, size: bytes.byteLength };
  }
}

function blobsOf(document: object): readonly string[] {
  const { config, layers }: { config?: Descriptor; layers?: readonly Descriptor[] } = document;
  return [config, ...(layers ?? [])].flatMap((descriptor) => (descriptor ? [descriptor.digest] : []));
}
