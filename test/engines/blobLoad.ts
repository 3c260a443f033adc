import { randomInt } from 'node:crypto';
import type { RegistryProcess } from '../support/registry.js';
import { digestOf, freshBytes, V2Client, type Answer, type Repository } from '../support/v2client.js';

const KIB = 1024;
/** What is stored whole, in one piece, and in several. */
const SIZES = [30 * KIB, 6_000 * KIB, 300 * KIB];
/** A generous limit for what everybody is to meet. */
const PATIENCE_SECONDS = 60;

/** What one client has met so far. */
export type Lane = {
  readonly kind: 'push' | 'pull';
  succeeded: number;
  /** Answers 503 with Retry-After. */
  refused: number;
  /** Answers that broke off in their body: there the status was told long before. */
  brokeOff: number;
};

/** Pushes and pulls of many clients at a time, each of whom tries again what was refused. */
export class BlobLoad {
  /** Of bytes that came whole and were others than asked for, of answers that nobody should get: what they were. */
  readonly wrong: string[] = [];
  /** Sizes by digest of what the registry has acknowledged. */
  readonly stored = new Map<string, number>();
  readonly #lanes: Lane[] = [];
  readonly #repository: Repository;
  readonly #running: Promise<void>[] = [];
  #noticed = Promise.withResolvers<undefined>();
  /** Pushes so far. */
  #begun = 0;
  #ended = false;

  constructor(registry: RegistryProcess) {
    this.#repository = new V2Client(registry, 'alice').repository('alice/load');
  }

  start(pushing: number, pulling: number): void {
    for (let lane = 0; lane < pushing; lane += 1) this.#begin('push', (own) => this.#push(own));
    for (let lane = 0; lane < pulling; lane += 1) this.#begin('pull', (own) => this.#pull(own));
  }

  /** Settles when what is under way has ended. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#notice();
    await Promise.all(this.#running);
  }

  /**
   * Settles when every client has met something so many times, counted from now.
   *
   * @returns milliseconds
   * @throws Error that says what they met instead
   */
  async each(met: (lane: Lane) => number, times = 1): Promise<number> {
    const begun = performance.now();
    const late = setTimeout(() => {
      this.#notice();
    }, PATIENCE_SECONDS * 1000);
    const goals = this.#lanes.map((lane) => [lane, met(lane) + times] as const);
    while (goals.some(([lane, goal]) => met(lane) < goal)) {
      await this.#noticed.promise;
      if (performance.now() - begun < PATIENCE_SECONDS * 1000) continue;
      throw new Error(
        `not everybody met it within ${PATIENCE_SECONDS} s: ${JSON.stringify([this.#lanes, this.wrong])}`,
      );
    }
    clearTimeout(late);
    return performance.now() - begun;
  }

  #count(lane: Lane, what: 'succeeded' | 'refused' | 'brokeOff'): void {
    lane[what] += 1;
    this.#notice();
  }

  #notice(): void {
    this.#noticed.resolve(undefined);
    this.#noticed = Promise.withResolvers();
  }

  #begin(kind: Lane['kind'], work: (lane: Lane) => Promise<void>): void {
    const lane: Lane = { kind, succeeded: 0, refused: 0, brokeOff: 0 };
    this.#lanes.push(lane);
    this.#running.push(
      (async () => {
        while (!this.#ended) await work(lane);
      })(),
    );
  }

  /** One blob in two chunks; who was refused asks how far the upload is, and goes on from there. */
  async #push(lane: Lane): Promise<void> {
    const bytes = freshBytes(SIZES[this.#begun++ % SIZES.length] ?? KIB);
    const digest = digestOf(bytes);
    let upload: { readonly location: string; readonly offset: number } | undefined;
    let wasRefused = false;
    while (!this.#ended) {
      const sending = upload && !wasRefused ? this.#next(upload, bytes, digest) : this.#ask(upload?.location);
      const answer = await sending.catch((error: unknown) => String(error));
      if (typeof answer !== 'string' && answer.status === 201) {
        this.stored.set(digest, bytes.byteLength);
        this.#count(lane, 'succeeded');
        return;
      }
      if (typeof answer !== 'string' && (answer.status === 202 || answer.status === 204)) {
        const [, last = '0'] = /^0-(\d+)$/.exec(answer.header('range') ?? '') ?? [];
        upload = { location: answer.header('location') ?? '', offset: last === '0' ? 0 : Number(last) + 1 };
        wasRefused = false;
        continue;
      }
      // Its end took effect, and only the answer failed: nothing was acknowledged, and the client begins anew.
      if (wasRefused && typeof answer !== 'string' && answer.status === 404) return;
      this.#note(lane, answer);
      if (typeof answer === 'string' || answer.status !== 503) return;
      wasRefused = true;
    }
  }

  #next({ location, offset }: { readonly location: string; readonly offset: number }, bytes: Buffer, digest: string) {
    if (offset === bytes.byteLength) return this.#repository.close(location, digest);
    const half = Math.floor(bytes.byteLength / 2);
    return this.#repository.patch(location, bytes.subarray(offset, offset < half ? half : undefined), offset);
  }

  /** How far an upload is; without one, for a new one. */
  #ask(location: string | undefined): Promise<Answer> {
    return location === undefined ? this.#repository.send('POST', 'blobs/uploads/') : this.#repository.get(location);
  }

  async #pull(lane: Lane): Promise<void> {
    const digest = [...this.stored.keys()][randomInt(Math.max(1, this.stored.size))];
    if (digest === undefined) {
      await this.#noticed.promise;
      return;
    }
    const answer = await this.#repository.get(`blobs/${digest}`).catch((error: unknown) => String(error));
    if (typeof answer === 'string') this.#count(lane, 'brokeOff');
    else if (answer.status !== 200) this.#note(lane, answer);
    else if (digestOf(answer.body) === digest) this.#count(lane, 'succeeded');
    else this.wrong.push(`other bytes than ${digest}`);
  }

  #note(lane: Lane, answer: Answer | string): void {
    if (typeof answer !== 'string' && answer.status === 503 && answer.header('retry-after') !== undefined) {
      this.#count(lane, 'refused');
    } else {
      this.wrong.push(typeof answer === 'string' ? answer : `${lane.kind}: ${answer.status} ${answer.text}`);
    }
  }

  /** What was acknowledged and is not there, or is something else. */
  async lost(): Promise<string[]> {
    const lost: string[] = [];
    for (const [digest, size] of this.stored) {
      const { status, body } = await this.#repository.get(`blobs/${digest}`);
      if (status !== 200 || body.byteLength !== size || digestOf(body) !== digest) lost.push(`${digest}: ${status}`);
    }
    return lost;
  }
}
