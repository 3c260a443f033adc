import type { PullTarget } from '../domain/activity/events.js';
import type { Actor, CredentialRef } from '../domain/shared/envelope.js';
import { CLIENT_TEXT } from './sealing.js';

/** Who pulled, as the request knew him. */
export type Puller = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

/** What an event of 64 KiB takes beside its metadata, and beside the pull that makes it full. */
const FULL_BYTES = 48 * 1024;
/** At most, as JSON. */
const PULL_BYTES = 20;
/** Of a row without the texts that clients choose. */
const ROW_BYTES = 512;

/** The pulls of one namespace that go into one event. Adding one makes no object: it happens on every pull. */
export class PullBatch {
  readonly clients: Puller[] = [];
  readonly targets: PullTarget[] = [];
  /** Three numbers for each pull: client, target, milliseconds since the first. */
  readonly pulls: number[] = [];
  readonly #clients = new Map<string, number>();
  readonly #targets = new Map<string, number>();
  #bytes = 0;

  constructor(
    /** When the first one happens, in milliseconds since the epoch. */
    readonly first: number,
  ) {}

  get isFull(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  /** Its event is made: nothing more goes into it. */
  close(): void {
    this.#bytes = Infinity;
  }

  add(puller: Puller, target: PullTarget, at: number): void {
    this.#bytes += PULL_BYTES;
    this.pulls.push(this.#client(puller), this.#target(target), at - this.first);
  }

  /** The same pulls in two batches; undefined if there is only one. */
  halves(): readonly [PullBatch, PullBatch] | undefined {
    const pulls = this.pulls.length / 3;
    if (pulls < 2) return undefined;
    const middle = Math.floor(pulls / 2);
    return [this.#part(0, middle), this.#part(middle, pulls)];
  }

  #part(from: number, to: number): PullBatch {
    const part = new PullBatch(this.first + (this.pulls[3 * from + 2] ?? 0));
    for (let pull = from; pull < to; pull++) {
      const [client = -1, named = -1, offset = 0] = this.pulls.slice(3 * pull, 3 * pull + 3);
      const [puller, target] = [this.clients[client], this.targets[named]];
      if (puller && target) part.add(puller, target, this.first + offset);
    }
    return part;
  }

  #client(puller: Puller): number {
    const { actor, credential, ip, userAgent } = puller;
    const key = `${actor.id ?? ''} ${credential?.id ?? ''} ${ip ?? ''} ${userAgent ?? ''}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    this.#clients.set(key, this.clients.length);
    this.#bytes += ROW_BYTES + sealedBytes(ip) + sealedBytes(userAgent);
    return this.clients.push(puller) - 1;
  }

  #target(target: PullTarget): number {
    const key = `${target.repositoryId} ${target.reference} ${target.digest}`;
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    this.#targets.set(key, this.targets.length);
    this.#bytes += ROW_BYTES;
    return this.targets.push(target) - 1;
  }
}

/** At most, in base64url of UTF-8: a header's characters take two bytes. */
const sealedBytes = (text: string | null): number =>
  text === null ? 0 : Math.ceil((Math.min(text.length, CLIENT_TEXT) * 2 * 4) / 3);
