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
  #size = 0;
  #changes = 0;

  constructor(
    private readonly maximum: number,
    /** Whether this process alone feeds the read models: only then may answers be kept. */
    private readonly enabled: boolean,
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
    this.#size -= this.#repositories.get(repositoryId)?.size ?? 0;
    this.#repositories.delete(repositoryId);
  }

  #keep(repositoryId: string, key: string, value: Value): void {
    for (const oldest of this.#repositories.keys()) {
      if (this.#size < this.maximum) break;
      this.forget(oldest);
    }
    const entries = this.#repositories.get(repositoryId) ?? new Map<string, Value>();
    if (!entries.has(key)) this.#size++;
    this.#repositories.set(repositoryId, entries.set(key, value));
  }
}
