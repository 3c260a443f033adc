import type { Repository } from '../support/v2client.js';
import { digestOf, type Answer } from '../support/v2client.js';
import type { Content, RepositoryModel, Upload } from './model.js';

/**
 * Compares what a registry serves with what it has acknowledged. What it finds settles the model: what was unsure is
 * from then on what was seen.
 */
export class Checker {
  readonly objections: string[] = [];

  constructor(
    private readonly repository: Repository,
    private readonly model: RepositoryModel,
  ) {}

  /** @param older digests to look at beside what was touched since the last check */
  async check(older: Iterable<string>): Promise<readonly string[]> {
    const { pushedByDigest, touched } = this.model;
    try {
      await this.#uploads();
      await this.#tags();
      for (const digest of new Set([...touched, ...older]))
        if (pushedByDigest.has(digest)) await this.#byDigest(digest);
    } catch (error) {
      this.#object(`a check could not be made: ${String(error)}`);
    }
    touched.clear();
    return this.objections;
  }

  #object(what: string): void {
    this.objections.push(`${this.repository.name}: ${what}`);
  }

  /** Each tag shows an allowed manifest, which is whole; the list shows these tags and no others. */
  async #tags(): Promise<void> {
    const live: string[] = [];
    for (const [tag, possible] of this.model.tags) {
      const answer = await this.repository.get(`manifests/${tag}`);
      const seen = answer.status === 404 ? null : (answer.header('docker-content-digest') ?? `status ${answer.status}`);
      if (!possible.allows(seen)) this.#object(`tag ${tag} shows ${seen}, not ${possible.values.join(' or ')}`);
      possible.settle(seen);
      if (seen === null) continue;
      live.push(tag);
      await this.#whole(seen, answer);
    }
    const listed = (await this.repository.get('tags/list')).json<{ tags?: readonly string[] }>().tags ?? [];
    if (listed.join() !== live.sort().join()) this.#object(`the list shows ${listed.join()}, not ${live.join()}`);
  }

  async #byDigest(digest: string): Promise<void> {
    const possible = this.model.byDigest(digest);
    const answer = await this.repository.get(`manifests/${digest}`);
    const seen = answer.status === 200;
    if (!possible.allows(seen)) this.#object(`manifest ${digest} is answered ${answer.status}`);
    possible.settle(seen);
    if (seen) await this.#whole(digest, answer);
    const subject = this.model.contents.get(digest)?.subject;
    if (subject) await this.#referrer(subject, digest, seen);
  }

  /** The manifest's bytes are those of its digest, and everything that it names can be pulled. */
  async #whole(digest: string, answer: Answer): Promise<void> {
    if (digestOf(answer.body) !== digest) this.#object(`manifest ${digest} has other bytes`);
    const content: Content | undefined = this.model.contents.get(digest);
    if (!content) {
      this.#object(`manifest ${digest} was never pushed`);
      return;
    }
    for (const blob of content.blobs) await this.#blob(blob, digest);
    for (const child of content.children) {
      const read = await this.repository.get(`manifests/${child}`);
      if (read.status === 200) await this.#whole(child, read);
      else this.#object(`child ${child} of ${digest} is answered ${read.status}`);
    }
  }

  async #blob(digest: string, of: string): Promise<void> {
    const why = await this.#unreadable(digest);
    if (why !== undefined) this.#object(`blob ${digest} of ${of} ${why}`);
  }

  /** A read that breaks off is an objection like any other. */
  async #unreadable(digest: string): Promise<string | undefined> {
    try {
      const { status, body } = await this.repository.get(`blobs/${digest}`);
      if (status !== 200) return `is answered ${status}`;
      return digestOf(body) === digest ? undefined : 'has other bytes';
    } catch (error) {
      return `cannot be read: ${String(error)}`;
    }
  }

  async #referrer(subject: string, digest: string, there: boolean): Promise<void> {
    const answer = await this.repository.get(`referrers/${subject}`);
    const { manifests } = answer.json<{ manifests: readonly { digest: string }[] }>();
    const listed = manifests.some((manifest) => manifest.digest === digest);
    if (listed !== there) this.#object(`referrer ${digest} is ${listed ? '' : 'not '}listed for ${subject}`);
  }

  /** Interrupted uploads go on from where the registry says that they are, or have become blobs. */
  async #uploads(): Promise<void> {
    for (const upload of this.model.uploads) await this.#resume(upload);
    this.model.uploads.clear();
  }

  async #resume({ location, bytes, digest, acknowledged, closing }: Upload): Promise<void> {
    const status = await this.repository.get(location);
    if (status.status === 404 && closing) {
      // The session ends together with the blob's coming to be.
      await this.#blob(digest, 'an upload that has ended');
      return;
    }
    const offset = offsetIn(status);
    if (status.status !== 204 || offset < acknowledged || offset > bytes.byteLength) {
      this.#object(`upload of ${bytes.byteLength} is answered ${status.status} at ${offset}, after ${acknowledged}`);
      return;
    }
    const rest =
      offset < bytes.byteLength ? await this.repository.patch(location, bytes.subarray(offset), offset) : undefined;
    const closed = await this.repository.close(location, digest);
    if (closed.status === 201) await this.#blob(digest, 'a resumed upload');
    else this.#object(`upload resumed at ${offset} is answered ${rest?.status ?? 'nothing'}, then ${closed.status}`);
  }
}

/** After zero bytes the header says `0-0`, too; no chunk here has a single byte. */
function offsetIn(answer: Answer): number {
  const last = Number(answer.header('range')?.split('-')[1]);
  return last === 0 ? 0 : last + 1;
}
