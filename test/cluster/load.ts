import { setTimeout as sleep } from 'node:timers/promises';
import { OCI_MANIFEST, ociImage } from '../support/images.js';
import { digestOf, expectStatus, type Descriptor, type Repository } from '../support/v2client.js';

/** A push that was acknowledged. */
export type Acknowledged = {
  readonly repository: Repository;
  readonly tag: string;
  readonly digest: string;
  /** When it was begun and acknowledged, as `performance.now()`. */
  readonly begun: number;
  readonly at: number;
};

const RETRY_MILLISECONDS = 50;

/**
 * Clients that push images and pull them again, one after the other, until they are told to stop. What fails is repeated as
 * a client would, and remembered.
 */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  /** What was not as expected, in words: an error, or another answer. */
  readonly failures: string[] = [];
  readonly #clients: readonly Promise<void>[];
  #stopping = false;
  #waiting: (() => void)[] = [];

  constructor(
    repositories: readonly Repository[],
    private readonly prefix = 'v',
  ) {
    this.#clients = repositories.map((repository) => this.#work(repository));
  }

  /** Resolves with the first push that was begun after this call and acknowledged. */
  async next(): Promise<Acknowledged> {
    const since = performance.now();
    for (;;) {
      const found = this.acknowledged.find(({ begun }) => begun >= since);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when so many more pushes were acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    while (this.acknowledged.length < goal) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#clients);
  }

  /** @returns what was acknowledged and is not there, in words */
  async lost(): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const { repository, tag, digest } of this.acknowledged) {
      const found = await repository.get(`manifests/${tag}`);
      const there = found.header('docker-content-digest');
      if (found.status !== 200 || there !== digest || digestOf(found.body) !== digest)
        lost.push(`${repository.name}:${tag} ${digest}: ${found.status} ${String(there)}`);
    }
    return lost;
  }

  async #work(repository: Repository): Promise<void> {
    for (let number = 0; !this.#stopping; number++) {
      const tag = `${this.prefix}${number}`;
      const begun = performance.now();
      const image = await this.#done(() => ociImage(repository));
      const { digest } = await this.#done<Descriptor>(() => repository.pushManifest(image, OCI_MANIFEST, tag));
      this.acknowledged.push({ repository, tag, digest, begun, at: performance.now() });
      const waiting = this.#waiting.splice(0);
      for (const resolve of waiting) resolve();
      await this.#done(async () => {
        const pulled = expectStatus(await repository.get(`manifests/${tag}`), 200);
        if (digestOf(pulled.body) !== digest) throw new Error(`${repository.name}:${tag} has other bytes`);
      });
    }
  }

  async #done<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        this.failures.push(String(error));
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }
}
