import { excludeSystemEvents, streamNameFilter } from '@eventstore/db-client';
import type { Filter } from '@eventstore/db-client';
import type { EventMetadata, RecordedEvent } from '../../../domain/shared/envelope.js';
import type { EventId, StreamName } from '../../../domain/shared/ids.js';
import { isJsonObject } from '../../../domain/shared/json.js';
import { positionOf, type Resolved } from './recorded.js';

/** A name with somebody's prefix: no category of streams has a dot. */
const PREFIXED = /^[A-Za-z0-9_]+\./;

/**
 * What in the engine's log is this registry's: events with our metadata, in streams whose names begin there with a
 * prefix that nobody but the engine ever hears of.
 */
export class OwnStreams {
  /** Streams are called `<prefix>.<name>` there; `''`: they have their own names. */
  private readonly prefix: string;

  /** @param prefix absent: what has no prefix is ours */
  constructor(prefix?: string) {
    this.prefix = prefix === undefined ? '' : `${prefix}.`;
  }

  /** What the engine calls a stream. */
  nameOf(stream: StreamName): string {
    return `${this.prefix}${stream}`;
  }

  /**
   * The event as it was appended, with its place.
   *
   * @returns undefined for what is not ours: events of the engine, and of others that write to the same one
   */
  event(resolved: Resolved): RecordedEvent | undefined {
    const { event } = resolved;
    if (!event || isOfTheEngine(resolved) || !this.#isOurs(event.streamId)) return undefined;
    if (!isJsonObject(event.data) || !isMetadata(event.metadata)) return undefined;
    return {
      id: event.id as EventId,
      type: event.type,
      data: event.data,
      metadata: event.metadata,
      stream: event.streamId.slice(this.prefix.length) as StreamName,
      revision: Number(event.revision),
      position: positionOf(resolved),
    };
  }

  events(page: readonly Resolved[]): readonly RecordedEvent[] {
    return page.map((resolved) => this.event(resolved)).filter((event) => event !== undefined);
  }

  /** What the engine sends of its log: of what is not ours as little as it can tell. */
  filter(options: FilterOptions): Filter {
    return this.prefix === ''
      ? excludeSystemEvents(options)
      : streamNameFilter({ ...options, prefixes: [this.prefix] });
  }

  #isOurs(name: string): boolean {
    return this.prefix === '' ? !PREFIXED.test(name) : name.startsWith(this.prefix);
  }
}

export type FilterOptions = NonNullable<Parameters<typeof excludeSystemEvents>[0]>;

/** Ours have a version of their schema and a hash; what follows was checked before it was appended. */
const isMetadata = (metadata: unknown): metadata is EventMetadata =>
  isJsonObject(metadata) && typeof metadata['schema'] === 'number' && typeof metadata['hash'] === 'string';

/** Events of the engine itself, metadata of streams and links bear a `$`. */
const isOfTheEngine = ({ event, link }: Resolved): boolean =>
  link !== undefined || !event || event.type.startsWith('$') || event.streamId.startsWith('$');
