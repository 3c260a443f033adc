import { isAlive, type Timestamp } from '../../domain/shared/time.js';
import type { ProjectedEvent } from '../../projections/projection.js';

/** An answer and when it stops being true by itself; null: only an event will tell. */
export type Perishable = { readonly until: Timestamp | null };

/**
 * Answers about repositories, dropped with the next event of their repository and never used past their own end. An
 * answer that was read before a change is not kept after it. When it is full, the repository that was filled first goes.
 */
export class RepositoryCache<Value extends Perishable> {
  readonly #repositories = new Map<string, Map<string, Value>>();
  #weight = 0;
  #changes = 0;

  constructor(
    /** Of all answers together. */
    private readonly maximumWeight: number,
    /** Whether this process alone feeds the read models: only then may answers be kept. */
    private readonly enabled: boolean,
    private readonly weigh: (value: Value) => number,
  ) {}

  peek(repositoryId: string, key: string, now: Timestamp): Value | undefined {
    const found = this.#repositories.get(repositoryId)?.get(key);
    return found && (found.until === null || isAlive(found.until, now)) ? found : undefined;
  }

  /** What `find` answers, kept if nothing changed while it was looking. */
  async through(repositoryId: string, key: string, find: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const before = this.#changes;
    const value = await find();
    if (value && this.enabled && before === this.#changes) this.#keep(repositoryId, key, value);
    return value;
  }

  applied(events: readonly ProjectedEvent[]): void {
    for (const { stream, streamId } of events) if (stream.startsWith('repository-')) this.forget(streamId);
  }

  forget(repositoryId: string): void {
    this.#changes++;
    for (const value of this.#repositories.get(repositoryId)?.values() ?? []) this.#weight -= this.weigh(value);
    this.#repositories.delete(repositoryId);
  }

  clear(): void {
    this.#changes++;
    this.#weight = 0;
    this.#repositories.clear();
  }

  #keep(repositoryId: string, key: string, value: Value): void {
    for (const oldest of this.#repositories.keys()) {
      if (this.#weight < this.maximumWeight) break;
      this.forget(oldest);
    }
    const entries = this.#repositories.get(repositoryId) ?? new Map<string, Value>();
    const replaced = entries.get(key);
    this.#weight += this.weigh(value) - (replaced ? this.weigh(replaced) : 0);
    this.#repositories.set(repositoryId, entries.set(key, value));
  }
}
