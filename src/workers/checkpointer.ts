import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { EventId, Position } from '../domain/shared/ids.js';
import type { Checkpoint } from '../domain/registry/checkpoint.js';
import { MerkleTree } from '../domain/registry/merkle.js';
import type { SigningKey } from '../domain/registry/signing.js';
import { decideCheckpoint, REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import type { Ids } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { systemContext, type CommandContext } from '../commands/context.js';
import { readLog } from '../commands/readLog.js';
import type { SigningKeys } from '../commands/signingKeys.js';
import type { Streams } from '../commands/streams.js';
import { CheckpointPlace } from './checkpointPlace.js';

export type CheckpointerOptions = {
  readonly events: EventStore;
  readonly operational: OperationalStore;
  /** Need not wait for the read models: what is signed rests on none. */
  readonly streams: Streams;
  readonly signingKeys: SigningKeys;
  readonly ids: Ids;
  readonly intervalSeconds: number;
  /** Called with each checkpoint when it is in the log: it is worth something only where the log is not. */
  readonly made?: (checkpoint: Checkpoint) => void;
  readonly failed: (error: unknown) => void;
};

/** How far the log has been counted since the last checkpoint. */
type Count = {
  /** Size of the last checkpoint. */
  readonly from: number;
  readonly tree: MerkleTree;
  /** The last two events: the place before the last one is where reading resumes, see `CheckpointPlace`. */
  position: Position;
  positionBefore: Position;
  lastEvent: EventId | undefined;
  /** Whether there is anything but checkpoints. */
  eventful: boolean;
};

/**
 * Signs the head of the log every so often when something happened since the last time, and at a clean stop. Several
 * of them may run on one log: whoever comes later finds nothing to do, and counts on from the other's checkpoint.
 */
export class Checkpointer {
  readonly #place: CheckpointPlace;
  #count: Count | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  /** Nothing that was signed is counted once more: that takes as long as the log. */
  readonly #closing = new AbortController();
  /** Nothing is counted at all. */
  readonly #abandoning = new AbortController();

  constructor(private readonly options: CheckpointerOptions) {
    this.#place = new CheckpointPlace(options.events, options.operational);
  }

  /** Announces the key of a new log and begins to sign. @throws SigningKeyUnknown */
  async start(): Promise<void> {
    await this.options.signingKeys.present(this.#context());
    this.#wait();
  }

  /** Signs the log as it is now. @returns undefined if nothing happened since the last checkpoint */
  checkpoint(): Promise<Checkpoint | undefined> {
    const made = this.#running.then(() => this.#checkpoint());
    this.#running = made.catch(() => undefined);
    return made;
  }

  /**
   * Signs what has happened and stops; to be called when nobody appends any more, and before the store is closed. Where
   * it is not known how far the log is signed, that is left to whoever comes next.
   */
  async close(): Promise<void> {
    this.#stop();
    try {
      await this.checkpoint();
    } catch (error) {
      if (!this.#isLeft(error)) throw error;
    }
  }

  /** Stops without signing, in the middle of counting, too: somebody else does it. */
  async abandon(): Promise<void> {
    this.#stop();
    this.#abandoning.abort();
    await this.#running;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  /** Whether it was ended on purpose. */
  #isLeft(error: unknown): boolean {
    return [this.#closing, this.#abandoning].some(({ signal }) => signal.aborted && signal.reason === error);
  }

  /** From the end of one to the beginning of the next: counting a long log anew may take longer than that. */
  #wait(): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void this.checkpoint()
        .catch((error: unknown) => {
          if (!this.#isLeft(error)) this.options.failed(error);
        })
        .then(() => {
          this.#wait();
        });
    }, this.options.intervalSeconds * 1000).unref();
  }

  async #checkpoint(): Promise<Checkpoint | undefined> {
    const context = this.#context();
    // Before counting: the announcement of a new log's key is an event like others.
    const key = await this.options.signingKeys.present(context);
    const count = (this.#count ??= await this.#resume());
    // If anything fails from here on, or somebody else was first, it begins anew where the last checkpoint ends.
    this.#count = undefined;
    for await (const event of readLog(this.options.events, count.position)) {
      this.#abandoning.signal.throwIfAborted();
      add(count, event);
    }
    this.#abandoning.signal.throwIfAborted();
    if (!count.eventful) {
      this.#count = count;
      return undefined;
    }
    const checkpoint = await this.#sign(count, key, context);
    if (!checkpoint) return undefined;
    await this.#place.save(checkpoint, count.positionBefore);
    this.#count = countFrom(checkpoint.size, count.position);
    this.options.made?.(checkpoint);
    return checkpoint;
  }

  async #sign(count: Count, key: SigningKey, context: CommandContext): Promise<Checkpoint | undefined> {
    const { from, tree, lastEvent } = count;
    if (lastEvent === undefined) return undefined;
    const command = { from, size: from + tree.size, root: tree.root(), lastEvent, key };
    const { events } = await this.options.streams.decide(registryAggregate, REGISTRY_STREAM, context, (state) =>
      decideCheckpoint(command, state),
    );
    const [made] = events;
    return made?.type === 'LogCheckpointed' ? made.data : undefined;
  }

  async #resume(): Promise<Count> {
    const { lastCheckpoint } = await this.options.streams.load(registryAggregate, REGISTRY_STREAM);
    const position = await this.#place.find(lastCheckpoint, this.#closing.signal);
    return countFrom(lastCheckpoint?.size ?? 0, position);
  }

  #context(): CommandContext {
    return systemContext('system', this.options.ids.next());
  }
}

const countFrom = (from: number, position: Position): Count => ({
  from,
  tree: new MerkleTree(),
  position,
  positionBefore: position,
  lastEvent: undefined,
  eventful: false,
});

function add(count: Count, { id, type, position, metadata }: RecordedEvent): void {
  count.tree.add(Buffer.from(metadata.hash, 'hex'));
  count.positionBefore = count.position;
  count.position = position;
  count.lastEvent = id;
  count.eventful ||= type !== 'LogCheckpointed';
}
