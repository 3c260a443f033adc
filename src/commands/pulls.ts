import type { PullClient, PullTarget } from '../domain/activity/events.js';
import type { EventEnvelope } from '../domain/shared/envelope.js';
import { eventHash, type Unhashed } from '../domain/shared/hash.js';
import type { EventId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import { millisecondsOf, timestamp, type Timestamp } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import { PullBatch, type Puller } from './pullBatch.js';
import { activityStream } from './streamNames.js';

type Head = { readonly revision: number; readonly hash: string | null };

const FLUSH_MILLISECONDS = 100;
/**
 * Records pulls off the request path: a flush every 100 ms, one event per namespace. A clean stop flushes; a crash may
 * lose the last 100 ms of pull records and nothing else (design section 8).
 */
export class PullRecorder {
  readonly #start: string;
  readonly #heads = new Map<StreamName, Head>();
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
    for (const [namespaceId, batches] of pending) {
      for (const batch of batches) await this.#append(namespaceId as NamespaceId, batch);
    }
  }

  async #append(namespaceId: NamespaceId, batch: PullBatch): Promise<void> {
    const at = this.deps.clock.now();
    const stream = activityStream(namespaceId, `${at.slice(0, 4)}${at.slice(5, 7)}`, this.#start);
    const head = this.#heads.get(stream) ?? { revision: -1, hash: null };
    const envelope = await this.#envelope(stream, head, batch, at);
    // One writer: nobody else appends to a stream that bears this process's start.
    await this.deps.events.append(stream, [envelope], head.revision < 0 ? 'no-stream' : head.revision);
    this.#heads.set(stream, { revision: head.revision + 1, hash: envelope.metadata.hash });
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
    const seal = (field: string, plain: string | null) =>
      plain === null ? null : this.deps.sealing.seal(subject, `${binding}/${field}`, plain);
    return { actor, credential, ip: await seal('ip', ip), userAgent: await seal('userAgent', userAgent) };
  }
}
