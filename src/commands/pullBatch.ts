import type { PullTarget } from '../domain/activity/events.js';
import type { Actor, CredentialRef } from '../domain/shared/envelope.js';

/** Who pulled, as the request knew him. */
export type Puller = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

/** Together they keep an event within 64 KiB: a pull takes some 10 bytes, a row of a table some 400. */
const MOST_PULLS = 2_500;
const MOST_ROWS = 60;

/** The pulls of one namespace that go into one event. Adding one makes no object: it happens on every pull. */
export class PullBatch {
  readonly clients: Puller[] = [];
  readonly targets: PullTarget[] = [];
  /** Three numbers for each pull: client, target, milliseconds since the first. */
  readonly pulls: number[] = [];
  readonly #clients = new Map<string, number>();
  readonly #targets = new Map<string, number>();

  constructor(
    /** When the first one happens, in milliseconds since the epoch. */
    readonly first: number,
  ) {}

  get isFull(): boolean {
    return this.pulls.length >= 3 * MOST_PULLS || this.clients.length + this.targets.length >= MOST_ROWS;
  }

  add(puller: Puller, target: PullTarget, at: number): void {
    this.pulls.push(this.#client(puller), this.#target(target), at - this.first);
  }

  #client(puller: Puller): number {
    const { actor, credential, ip, userAgent } = puller;
    const key = `${actor.id ?? ''} ${credential?.id ?? ''} ${ip ?? ''} ${userAgent ?? ''}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    this.#clients.set(key, this.clients.length);
    return this.clients.push(puller) - 1;
  }

  #target(target: PullTarget): number {
    const key = `${target.repositoryId} ${target.reference} ${target.digest}`;
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    this.#targets.set(key, this.targets.length);
    return this.targets.push(target) - 1;
  }
}
