import type { Checkpoint } from '../domain/registry/checkpoint.js';
import type { LastCheckpoint } from '../domain/registry/registry.js';
import { START, type Position } from '../domain/shared/ids.js';
import { readLog } from '../commands/readLog.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** Where the checkpoint says that it ends, the log has another event. Nothing more can be signed over such a log. */
export class CheckpointNotInLog extends Error {
  constructor({ number, size, lastEvent }: LastCheckpoint) {
    super(
      `the log does not end its first ${size} events with ${lastEvent}, as checkpoint ${number} says: verify the log`,
    );
    this.name = 'CheckpointNotInLog';
  }
}

/**
 * A checkpoint knows how many events it covers, but no engine's positions; counting them again takes as long as the log.
 * So the place is written down, but only believed if the event there is the right one; that of an earlier checkpoint, if
 * counting on from it leads to the right one.
 */
type Hint = {
  readonly number: number;
  readonly size: number;
  /** Of the event before the last one that is covered, so that reading on from it gives that last one. */
  readonly after: Position;
};

/** From where a log is counted of which nothing is known. */
const NOTHING = { size: 0, after: START };

/** Of `OperationalStore`; its records say in `after` where the engine's log has an event. */
export const CHECKPOINT_PLACES = 'checkpointer';
const KEY = 'last';

/** Where in the engine's log the last checkpoint ends. */
export class CheckpointPlace {
  constructor(
    private readonly events: EventStore,
    private readonly operational: OperationalStore,
  ) {}

  /**
   * Position of the last event that the checkpoint covers.
   *
   * @param signal ends the counting, which takes as long as the log where no place is known
   * @throws CheckpointNotInLog; the signal's reason
   */
  async find(checkpoint: LastCheckpoint | null, signal: AbortSignal): Promise<Position> {
    if (!checkpoint) return START;
    const hint = (await this.operational.get<Hint>(CHECKPOINT_PLACES, KEY))?.value;
    const hinted = hint && (await this.#hinted(checkpoint, hint));
    if (hinted !== undefined) return hinted;
    const earlier = hint && hint.size < checkpoint.size ? await this.#counted(checkpoint, hint, signal) : undefined;
    const counted = earlier ?? (await this.#counted(checkpoint, NOTHING, signal));
    if (!counted) throw new CheckpointNotInLog(checkpoint);
    // Whoever dies before he signs the next one has not counted for nothing.
    await this.save(checkpoint, counted.before);
    return counted.position;
  }

  /** @param after position of the event before the last one that the checkpoint covers */
  async save({ number, size }: Pick<Checkpoint, 'number' | 'size'>, after: Position): Promise<void> {
    const value: Hint = { number, size, after };
    await this.operational.write([{ kind: 'put', collection: CHECKPOINT_PLACES, key: KEY, value }]);
  }

  async #hinted({ number, size, lastEvent }: LastCheckpoint, hint: Hint): Promise<Position | undefined> {
    if (hint.number !== number || hint.size !== size) return undefined;
    const [event] = await this.events.readAll(hint.after, 1);
    return event?.id === lastEvent ? event.position : undefined;
  }

  /** Counts on from an earlier place to where the checkpoint ends; undefined if that is not where it says. */
  async #counted(
    { size, lastEvent }: LastCheckpoint,
    from: Pick<Hint, 'size' | 'after'>,
    signal: AbortSignal,
  ): Promise<{ readonly position: Position; readonly before: Position } | undefined> {
    signal.throwIfAborted();
    let [counted, before] = [Math.max(0, from.size - 1), from.after];
    for await (const { id, position } of readLog(this.events, from.after)) {
      signal.throwIfAborted();
      if (++counted === size) return id === lastEvent ? { position, before } : undefined;
      before = position;
    }
    return undefined;
  }
}
