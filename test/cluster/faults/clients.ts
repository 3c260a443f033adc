import { setTimeout as pause } from 'node:timers/promises';
import { Possible } from '../../crash/model.js';
import { between, type Random } from '../../powerloss/random.js';
import type { ApiClient } from '../../support/apiClient.js';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../support/images.js';
import { digestOf, freshBytes, locationOf, withQuery, type Answer, type Repository } from '../../support/v2client.js';
import type { Asking } from './asking.js';

/** A manifest and what it names, by digest. */
export type Image = { readonly digest: string; readonly bytes: Buffer; readonly blobs: ReadonlyMap<string, Buffer> };

/** What a cluster must show: what was acknowledged last of each thing, or attempted since without an answer. */
export class Known {
  readonly images = new Map<string, Image>();
  /** By `<repository>:<tag>`: the digest; null: it is not there. */
  readonly tags = new Map<string, Possible<string | null>>();
  /** By name of a repository made by the API: its description; null: it is not there. */
  readonly described = new Map<string, Possible<string | null>>();
  /** Tags and repositories that were written to since the last check. */
  readonly touched = new Set<string>();
}

/** Between two acts of a client, and before one is repeated that was refused (ms): so that there are not too many of them. */
const PACE = 60;
const REPEATED_AFTER = 400;

/** When clients act: they can be held, all at once, and go on. */
export class Gate {
  #held: PromiseWithResolvers<undefined> | undefined;
  #over = false;
  readonly #busy = new Set<Promise<unknown>>();

  get isOver(): boolean {
    return this.#over;
  }

  /** Acts are begun no more; resolves when none is under way. */
  async hold(): Promise<void> {
    this.#held ??= Promise.withResolvers<undefined>();
    await Promise.all(this.#busy);
  }

  release(): void {
    this.#held?.resolve(undefined);
    this.#held = undefined;
  }

  end(): void {
    this.#over = true;
    this.release();
  }

  /** Whether what was refused is to be tried again. */
  get goesOn(): boolean {
    return !this.#over && this.#held === undefined;
  }

  async run(act: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#held?.promise;
      if (this.isOver) return;
      const acting = act();
      this.#busy.add(acting);
      try {
        await acting;
      } finally {
        this.#busy.delete(acting);
      }
      await pause(PACE);
    }
  }
}

type Place = { readonly asking: Asking; readonly gate: Gate; readonly known: Known; readonly random: Random };

export function freshImage(): Image {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', nonce: freshBytes(8).toString('hex') }),
  );
  const layer = freshBytes(2_000);
  const named = (mediaType: string, bytes: Buffer): object => ({
    ...{ mediaType, digest: digestOf(bytes), size: bytes.byteLength },
  });
  const document = {
    ...{ schemaVersion: 2, mediaType: OCI_MANIFEST },
    ...{ config: named(OCI_CONFIG, config), layers: [named(OCI_LAYER, layer)] },
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return { digest: digestOf(bytes), bytes, blobs: new Map([config, layer].map((blob) => [digestOf(blob), blob])) };
}

/** Pushes an image. @returns the acknowledgement; undefined if a part of it was refused */
export async function push(
  asking: Asking,
  repository: Repository,
  tag: string,
  image: Image,
): Promise<Answer | undefined> {
  for (const [digest, body] of image.blobs) {
    const path = withQuery('blobs/uploads/', { digest });
    if (!(await asking.v2(repository, ['POST', path], [201], { body }))) return undefined;
  }
  const options = { body: image.bytes, headers: { 'Content-Type': OCI_MANIFEST } };
  return asking.v2(repository, ['PUT', `manifests/${tag}`], [201], options);
}

/** Pushes, moves, deletes and pulls tags that nobody else writes to. What stays without acknowledgement it leaves alone. */
export class Pusher {
  readonly #settled: string[] = [];
  #count = 0;

  constructor(
    private readonly place: Place,
    private readonly repository: Repository,
    private readonly name: string,
  ) {}

  run(): Promise<void> {
    return this.place.gate.run(() => this.#act());
  }

  #act(): Promise<void> {
    const dice = this.place.random();
    const tag =
      this.#settled.length > 0 ? this.#settled[between(this.place.random, 0, this.#settled.length - 1)] : undefined;
    if (tag === undefined || dice < 0.4) return this.#push(`${this.name}-${this.#count++}`);
    const isThere = this.#possible(tag).values[0] !== null;
    if (dice < 0.55 || (dice < 0.7 && !isThere)) return this.#push(tag);
    if (dice < 0.7) return this.#delete(tag);
    return this.#pull(tag);
  }

  async #push(tag: string): Promise<void> {
    const image = freshImage();
    this.place.known.images.set(image.digest, image);
    await this.#change(tag, image.digest, () => push(this.place.asking, this.repository, tag, image));
  }

  async #delete(tag: string): Promise<void> {
    let expected = [202];
    await this.#change(tag, null, () => {
      const answer = this.place.asking.v2(this.repository, ['DELETE', `manifests/${tag}`], expected);
      // What was refused may have been done.
      expected = [202, 404];
      return answer;
    });
  }

  /** Of the client's own writes: what was acknowledged is there at once. */
  async #pull(tag: string): Promise<void> {
    const digest = this.#possible(tag).values[0] ?? null;
    const path = `manifests/${tag}`;
    const answer = await this.place.asking.v2(this.repository, ['GET', path], [digest === null ? 404 : 200]);
    if (!answer || digest === null || digestOf(answer.body) === digest) return;
    this.place.asking.tally.objections.push(`${tag} shows ${digestOf(answer.body)}, not ${digest}`);
  }

  async #change(tag: string, value: string | null, write: () => Promise<unknown>): Promise<void> {
    const { known, random } = this.place;
    const possible = this.#possible(tag);
    const index = this.#settled.indexOf(tag);
    if (index >= 0) this.#settled.splice(index, 1);
    possible.attempt(value);
    known.touched.add(`${this.repository.name}:${tag}`);
    if (!(await insisting(this.place.gate, random() < 0.5, write))) return;
    possible.settle(value);
    this.#settled.push(tag);
  }

  #possible(tag: string): Possible<string | null> {
    const key = `${this.repository.name}:${tag}`;
    const found = this.place.known.tags.get(key) ?? new Possible<string | null>(null);
    this.place.known.tags.set(key, found);
    return found;
  }
}

/** Makes repositories by the API, describes them, begins an upload there and deletes them. */
export class Caretaker {
  #count = 0;

  constructor(
    private readonly place: Place,
    private readonly client: ApiClient,
    private readonly repositoryCalled: (name: string) => Repository,
    private readonly namespace: string,
  ) {}

  run(): Promise<void> {
    return this.place.gate.run(() => this.#act());
  }

  async #act(): Promise<void> {
    const { asking, known, random } = this.place;
    const repository = `made-${this.#count++}`;
    const name = `${this.namespace}/${repository}`;
    const possible = new Possible<string | null>(null);
    known.described.set(name, possible);
    known.touched.add(name);
    const path = `/api/v1/repository/${name}`;
    const made = { repository, namespace: this.namespace, visibility: 'private', description: 'first' };
    // A creation that was refused may have been done.
    let expected = [201];
    const create = async (): Promise<unknown> => {
      const answer = await asking.api(this.client, ['POST', '/api/v1/repository'], expected, made);
      expected = [201, 400];
      return answer;
    };
    if (!(await this.#change(possible, 'first', create))) return;
    const describe = (): Promise<unknown> => asking.api(this.client, ['PUT', path], [200], { description: 'second' });
    if (!(await this.#change(possible, 'second', describe)) || random() < 0.3) return;
    await this.#beginUpload(this.repositoryCalled(name));
    let gone = [204];
    await this.#change(possible, null, () => {
      const answer = asking.api(this.client, ['DELETE', path], gone);
      gone = [204, 404];
      return answer;
    });
  }

  /** What the repository's end is to take with it. */
  async #beginUpload(repository: Repository): Promise<void> {
    const begun = await this.place.asking.v2(repository, ['POST', 'blobs/uploads/'], [202]);
    if (begun) await this.place.asking.v2(repository, ['PATCH', locationOf(begun)], [202], { body: freshBytes(100) });
  }

  async #change(
    possible: Possible<string | null>,
    value: string | null,
    write: () => Promise<unknown>,
  ): Promise<boolean> {
    possible.attempt(value);
    const done = await insisting(this.place.gate, this.place.random() < 0.5, write);
    if (done) possible.settle(value);
    return done;
  }
}

/** @param again whether what is refused is tried again, as clients do @returns whether it was acknowledged */
async function insisting(gate: Gate, again: boolean, write: () => Promise<unknown>): Promise<boolean> {
  for (;;) {
    if ((await write()) !== undefined) return true;
    if (!again || !gate.goesOn) return false;
    await pause(REPEATED_AFTER);
  }
}

/** Pulls what nobody changes, whole. */
export class Puller {
  constructor(
    private readonly place: Place,
    private readonly repository: Repository,
    private readonly images: ReadonlyMap<string, Image>,
  ) {}

  run(): Promise<void> {
    return this.place.gate.run(() => this.#act());
  }

  async #act(): Promise<void> {
    const { asking, random } = this.place;
    const entries = [...this.images];
    const [tag, image] = entries[between(random, 0, entries.length - 1)] ?? [];
    if (tag === undefined || !image) return;
    const manifest = await asking.v2(this.repository, ['GET', `manifests/${tag}`], [200]);
    if (manifest && !manifest.body.equals(image.bytes)) asking.tally.objections.push(`${tag} has other bytes`);
    for (const [digest, bytes] of image.blobs) {
      const blob = await asking.v2(this.repository, ['GET', `blobs/${digest}`], [200]);
      if (blob && !blob.body.equals(bytes)) asking.tally.objections.push(`${digest} has other bytes`);
    }
  }
}
