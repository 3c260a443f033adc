import type { PullClient, PullTarget } from '../domain/activity/events.js';
import type { EventEnvelope, RecordedEvent } from '../domain/shared/envelope.js';
import { eventHash, type Unhashed } from '../domain/shared/hash.js';
import type { EventId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import { later, millisecondsOf, timestamp, type Timestamp } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import { EventsTooLarge, RevisionConflict, StoreUnavailable } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import { PullBatch, type Puller } from './pullBatch.js';
import { activityStream, monthOf } from './streamNames.js';

type Head = { readonly revision: number; readonly hash: string | null; readonly at: Timestamp | undefined };
/** An event that is to be appended, or was, if the store's answer was lost: the same again resolves it. */
type Prepared = { readonly stream: StreamName; readonly head: Head; readonly envelope: EventEnvelope };

const FLUSH_MILLISECONDS = 100;
const RETRY_MILLISECONDS = 1_000;
/** Batches (some 50 KiB each) that wait while the store is away; of more the oldest of a namespace are dropped. */
const MOST_WAITING = 400;

/** The store was away for so long that pulls were forgotten. */
export class PullRecordsLost extends Error {
  constructor(batches: number) {
    super(`the event store was away for too long: ${batches} batches of pull records were dropped`);
    this.name = 'PullRecordsLost';
  }
}

/**
 * Records pulls off the request path: a flush every 100 ms, one event per namespace. A clean stop flushes; a crash may
 * lose the last 100 ms of pull records and nothing else (design section 8). While the store is away they wait.
 */
export class PullRecorder {
  readonly #start: string;
  readonly #heads = new Map<StreamName, Head>();
  readonly #prepared = new Map<PullBatch, Prepared>();
  #pending = new Map<string, PullBatch[]>();
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
    const at = millisecondsOf(this.deps.clock.now());
    const batches = this.#pending.get(namespaceId);
    const last = batches?.at(-1);
    if (last && !last.isFull) last.add(puller, target, at);
    else {
      const batch = new PullBatch(at);
      batch.add(puller, target, at);
      if (batches) batches.push(batch);
      else this.#pending.set(namespaceId, [batch]);
    }
    if (this.deps.strict) return this.flush();
    this.#flushIn(FLUSH_MILLISECONDS);
    return undefined;
  }

  /** Writes down what has been recorded so far. @throws what kept it from that; it is tried again later */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#flush());
    return this.#flushing;
  }

  #flushIn(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.flush().catch(this.deps.failed);
    }, milliseconds).unref();
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = new Map();
    const failures: Error[] = [];
    for (const [namespaceId, batches] of pending) {
      await this.#appendAll(namespaceId as NamespaceId, batches).catch((error: unknown) =>
        failures.push(asError(error)),
      );
    }
    if (this.#pending.size > 0) this.#flushIn(RETRY_MILLISECONDS);
    const [first, ...others] = failures;
    for (const other of others) this.deps.failed(other);
    if (first) throw first;
  }

  /** @param batches those that were appended are taken out; the others wait for the next flush */
  async #appendAll(namespaceId: NamespaceId, batches: PullBatch[]): Promise<void> {
    try {
      for (let batch = batches[0]; batch; batch = batches[0]) {
        const halves = await this.#appendOrHalve(namespaceId, batch);
        batches.splice(0, 1, ...halves);
      }
    } catch (error) {
      const mayComeAgain = error instanceof StoreUnavailable || error instanceof RevisionConflict;
      if (!mayComeAgain) batches.shift();
      if (batches.length > 0) this.#keep(namespaceId, batches);
      throw error;
    }
  }

  /** @returns what is left to append: the halves of a batch that the store found too large */
  async #appendOrHalve(namespaceId: NamespaceId, batch: PullBatch): Promise<readonly PullBatch[]> {
    try {
      await this.#append(namespaceId, batch);
      return [];
    } catch (error) {
      const halves = error instanceof EventsTooLarge ? batch.halves() : undefined;
      if (!halves) throw error;
      return halves;
    }
  }

  #keep(namespaceId: NamespaceId, batches: readonly PullBatch[]): void {
    const waiting = [...batches, ...(this.#pending.get(namespaceId) ?? [])];
    this.#pending.set(namespaceId, waiting);
    const all = [...this.#pending.values()].reduce((sum, { length }) => sum + length, 0);
    const dropped = waiting.splice(0, Math.max(0, all - MOST_WAITING));
    for (const batch of dropped) this.#prepared.delete(batch);
    if (dropped.length > 0) this.deps.failed(new PullRecordsLost(dropped.length));
  }

  async #append(namespaceId: NamespaceId, batch: PullBatch): Promise<void> {
    const prepared = this.#prepared.get(batch) ?? (await this.#prepare(namespaceId, batch));
    const { stream, head, envelope } = prepared;
    this.#prepared.set(batch, prepared);
    try {
      await this.deps.events.append(stream, [envelope], head.revision < 0 ? 'no-stream' : head.revision);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      // Whatever is wrong, the stream is looked at again before anything else is linked to it.
      this.#prepared.delete(batch);
      this.#heads.delete(stream);
      throw error;
    }
    this.#prepared.delete(batch);
    const { at, hash } = envelope.metadata;
    this.#heads.set(stream, { revision: head.revision + 1, hash, at });
  }

  /** Nobody else appends to a stream that bears this process's start, so its head is known from the last append. */
  async #prepare(namespaceId: NamespaceId, batch: PullBatch): Promise<Prepared> {
    batch.close();
    const now = this.deps.clock.now();
    const stream = activityStream(namespaceId, monthOf(now), this.#start);
    const head = this.#heads.get(stream) ?? headOf(await this.deps.events.readLast(stream));
    return { stream, head, envelope: await this.#envelope(stream, head, batch, later(now, head.at)) };
  }

  async #envelope(stream: StreamName, head: Head, batch: PullBatch, at: Timestamp): Promise<EventEnvelope> {
    const id = this.deps.ids.next() as EventId;
    const clients: PullClient[] = [];
    for (const [index, client] of batch.clients.entries()) {
      clients.push(await this.#sealed(client, `${id}/clients/${index}`, at));
    }
    const unhashed: Unhashed = {
      id,
      type: 'ImagesPulled',
      data: { clients, targets: batch.targets, pulls: batch.pulls, first: timestamp(batch.first) },
      metadata: {
        ...{
          schema: 1,
          at,
          actor: { kind: 'system', id: null },
          credential: null,
          via: 'registry',
          asSuperuser: false,
        },
        ...{ ip: null, userAgent: null, correlationId: id, causationId: null, prevHash: head.hash },
      },
    };
    return { ...unhashed, metadata: { ...unhashed.metadata, hash: eventHash(stream, head.revision + 1, unhashed) } };
  }

  async #sealed({ actor, credential, ip, userAgent }: Puller, binding: string, at: Timestamp): Promise<PullClient> {
    const subject = actor.kind === 'user' ? accountSubject(actor.id) : activitySubject(at);
    return { actor, credential, ...(await this.deps.sealing.sealClient(subject, binding, { ip, userAgent })) };
  }
}

const headOf = (last: RecordedEvent | undefined): Head =>
  last
    ? { revision: last.revision, hash: last.metadata.hash, at: last.metadata.at }
    : { revision: -1, hash: null, at: undefined };

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('pulls could not be recorded', { cause: thrown });
