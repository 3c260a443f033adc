import { LRUCache } from 'lru-cache';
import type { ProjectedEvent } from '../../projections/projection.js';
import { isAlive, type Timestamp } from '../../domain/shared/time.js';

/** An answer and when it stops being true by itself; null: only an event will tell. */
export type Perishable = { readonly until: Timestamp | null };

type Entry<Value> = { readonly repositoryId: string; readonly value: Value };

/**
 * Answers about repositories, dropped with the next event of their repository and never used past their own end. An
 * answer that was read before a change is not kept after it.
 */
export class RepositoryCache<Value extends Perishable> {
  readonly #entries: LRUCache<string, Entry<Value>>;
  readonly #keys = new Map<string, Set<string>>();
  #changes = 0;

  constructor(
    max: number,
    /** Whether this process alone feeds the read models: only then may answers be kept. */
    private readonly enabled: boolean,
  ) {
    this.#entries = new LRUCache({ max, dispose: ({ repositoryId }, key) => { this.#disown(repositoryId, key); } });
  }

  peek(repositoryId: string, key: string, now: Timestamp): Value | undefined {
    const found = this.#entries.get(`${repositoryId}/${key}`)?.value;
    return found && (found.until === null || isAlive(found.until, now)) ? found : undefined;
  }

  /** What `find` answers, kept if nothing changed while it was looking. */
  async through(repositoryId: string, key: string, find: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const before = this.#changes;
    const value = await find();
    if (value && this.enabled && before === this.#changes) this.#keep(repositoryId, `${repositoryId}/${key}`, value);
    return value;
  }

  applied(events: readonly ProjectedEvent[]): void {
    for (const { stream, streamId } of events) if (stream.startsWith('repository-')) this.forget(streamId);
  }

  forget(repositoryId: string): void {
    this.#changes++;
    for (const key of this.#keys.get(repositoryId) ?? []) this.#entries.delete(key);
  }

  #keep(repositoryId: string, key: string, value: Value): void {
    this.#entries.set(key, { repositoryId, value });
    const keys = this.#keys.get(repositoryId);
    if (keys) keys.add(key);
    else this.#keys.set(repositoryId, new Set([key]));
  }

  #disown(repositoryId: string, key: string): void {
    const keys = this.#keys.get(repositoryId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(repositoryId);
  }
}
