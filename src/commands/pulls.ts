import type { PullClient, PullTarget } from '../domain/activity/events.js';
import type { Actor, CredentialRef, EventEnvelope } from '../domain/shared/envelope.js';
import { eventHash, type Unhashed } from '../domain/shared/hash.js';
import type { EventId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import { millisecondsOf, timestamp, type Timestamp } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import { activityStream } from './streamNames.js';

/** Who pulled, as the request knew him. */
export type Puller = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

type Pull = { readonly puller: Puller; readonly target: PullTarget; readonly at: number };
type Head = { revision: number; hash: string | null };

const FLUSH_MILLISECONDS = 100;
/** As many pulls as fit into one event of 64 KiB beside its tables. */
const PULLS_PER_EVENT = 2_000;
const TARGETS_PER_EVENT = 100;

/**
 * Records pulls off the request path: a flush every 100 ms, one event per namespace. A clean stop flushes; a crash may
 * lose the last 100 ms of pull records and nothing else (design section 8).
 */
export class PullRecorder {
  readonly #start: string;
  readonly #heads = new Map<StreamName, Head>();
  #pending = new Map<string, Pull[]>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly events: EventStore;
      readonly sealing: Sealing;
      readonly clock: Clock;
      readonly ids: Ids;
      /** Records are durable before the answer (AUDIT_PULLS_STRICT). */
      readonly strict: boolean;
      readonly failed: (error: unknown) => void;
    },
  ) {
    this.#start = deps.ids.next();
  }

  /** @returns a promise to wait for only if pulls are recorded strictly */
  record(namespaceId: string, puller: Puller, target: PullTarget): Promise<void> | undefined {
    const pull = { puller, target, at: millisecondsOf(this.deps.clock.now()) };
    const pulls = this.#pending.get(namespaceId);
    if (pulls) pulls.push(pull);
    else this.#pending.set(namespaceId, [pull]);
    if (this.deps.strict) return this.flush();
    this.#timer ??= setTimeout(() => {
      this.flush().catch(this.deps.failed);
    }, FLUSH_MILLISECONDS);
    return undefined;
  }

  /** Writes down what has been recorded so far. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = new Map();
    for (const [namespaceId, pulls] of pending) {
      for (const part of inParts(pulls)) await this.#append(namespaceId as NamespaceId, part);
    }
  }

  async #append(namespaceId: NamespaceId, pulls: readonly Pull[]): Promise<void> {
    const at = this.deps.clock.now();
    const stream = activityStream(namespaceId, `${at.slice(0, 4)}${at.slice(5, 7)}`, this.#start);
    const head = this.#heads.get(stream) ?? { revision: -1, hash: null };
    const envelope = await this.#envelope(stream, head, pulls, at);
    // One writer: nobody else appends to a stream that bears this process's start.
    await this.deps.events.append(stream, [envelope], head.revision < 0 ? 'no-stream' : head.revision);
    this.#heads.set(stream, { revision: head.revision + 1, hash: envelope.metadata.hash });
  }

  async #envelope(stream: StreamName, head: Head, pulls: readonly Pull[], at: Timestamp): Promise<EventEnvelope> {
    const id = this.deps.ids.next() as EventId;
    const clients = new Table((puller: Puller) => JSON.stringify([puller.actor.id, puller.credential, puller.ip, puller.userAgent]));
    const targets = new Table((target: PullTarget) => `${target.repositoryId}/${target.reference}/${target.digest}`);
    const first = pulls[0]?.at ?? millisecondsOf(at);
    const rows = pulls.map((pull) => [clients.add(pull.puller), targets.add(pull.target), pull.at - first] as const);
    const sealed: PullClient[] = [];
    for (const [index, client] of clients.rows.entries()) sealed.push(await this.#sealed(client, `${id}/clients/${index}`, at));
    const unhashed: Unhashed = {
      id,
      type: 'ImagesPulled',
      data: { clients: sealed, targets: targets.rows, pulls: rows, first: timestamp(first) },
      metadata: {
        ...{ schema: 1, at, actor: { kind: 'system', id: null }, credential: null, via: 'registry', asSuperuser: false },
        ...{ ip: null, userAgent: null, correlationId: id, causationId: null, prevHash: head.hash },
      },
    };
    return { ...unhashed, metadata: { ...unhashed.metadata, hash: eventHash(stream, head.revision + 1, unhashed) } };
  }

  async #sealed({ actor, credential, ip, userAgent }: Puller, binding: string, at: Timestamp): Promise<PullClient> {
    const subject = actor.kind === 'user' ? accountSubject(actor.id) : activitySubject(at);
    const seal = (field: string, plain: string | null) =>
      plain === null ? null : this.deps.sealing.seal(subject, `${binding}/${field}`, plain);
    return { actor, credential, ip: await seal('ip', ip), userAgent: await seal('userAgent', userAgent) };
  }
}

/** Rows that are written once and named by their place. */
class Table<Row> {
  readonly rows: Row[] = [];
  readonly #places = new Map<string, number>();

  constructor(private readonly key: (row: Row) => string) {}

  add(row: Row): number {
    const key = this.key(row);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.rows.push(row) - 1);
    return this.rows.length - 1;
  }
}

/** So that one event stays within 64 KiB, however many pulls, targets and clients there were. */
function inParts(pulls: readonly Pull[]): Pull[][] {
  const parts: Pull[][] = [];
  let part: Pull[] = [];
  let tables = new Set<unknown>();
  for (const pull of pulls) {
    tables.add(`${pull.target.repositoryId}/${pull.target.reference}`).add(pull.puller);
    if (part.length === PULLS_PER_EVENT || tables.size > TARGETS_PER_EVENT) {
      parts.push(part);
      part = [];
      tables = new Set();
    }
    part.push(pull);
  }
  return part.length > 0 ? [...parts, part] : parts;
}
