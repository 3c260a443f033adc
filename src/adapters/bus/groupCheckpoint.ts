import { laterPosition, START, type Position } from '../../domain/shared/ids.js';
import type { Topic } from '../../ports/eventBus.js';
import type { OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import type { Log } from '../../telemetry/log.js';
import { reasonOf } from '../../concurrency/patience.js';

/** By topic: one that a group takes on later begins with its first event. */
type CheckpointRecord = { readonly topics: { readonly [topic: Topic]: Position } };

export const CHECKPOINTS = 'consumer-checkpoints';

/** Up to where all groups have done everything; undefined: there are none. @throws StoreUnavailable */
export async function doneUpTo(operational: OperationalStore): Promise<Position | undefined> {
  const groups = await operational.list<CheckpointRecord>(CHECKPOINTS, { limit: 1_000 });
  return groups.flatMap(({ value }) => Object.values(value.topics)).toSorted()[0];
}

/** Says that a group has done everything up to a position. */
export function doneRecord(group: string, topics: readonly Topic[], position: Position): OperationalWrite {
  const value: CheckpointRecord = { topics: Object.fromEntries(topics.map((topic) => [topic, position])) };
  return { kind: 'put', collection: CHECKPOINTS, key: group, value };
}
/** What a crash makes come again: the effects of so long. */
const SAVE_MILLISECONDS = 1_000;

/** How far a group has come. Written down now and then, because each writing costs as much as a push. */
export class GroupCheckpoint {
  #saved: Position;
  #saving: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly deps: { readonly operational: OperationalStore; readonly group: string; readonly log: Log },
    private readonly before: ReadonlyMap<Topic, Position>,
    private reached: Position,
  ) {
    this.#saved = reached;
    this.#timer = setInterval(() => {
      this.#saving = this.#saving.then(() => this.#save());
    }, SAVE_MILLISECONDS);
    this.#timer.unref();
  }

  /** @throws StoreUnavailable */
  static async open({
    operational,
    group,
    topics,
    log,
  }: {
    readonly operational: OperationalStore;
    readonly group: string;
    readonly topics: readonly Topic[];
    readonly log: Log;
  }): Promise<GroupCheckpoint> {
    const record = await operational.get<CheckpointRecord>(CHECKPOINTS, group);
    const before = new Map(topics.map((topic) => [topic, record?.value.topics[topic] ?? START]));
    const first = [...before.values()].toSorted()[0] ?? START;
    return new GroupCheckpoint({ operational, group, log }, before, first);
  }

  /** Up to which everything is done with. */
  get position(): Position {
    return this.reached;
  }

  /** Whether the event is one of the group's, and not done with. */
  expects(topic: Topic, position: Position): boolean {
    const before = this.before.get(topic);
    return before !== undefined && position > before;
  }

  passed(position: Position): void {
    this.reached = position;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.#save();
  }

  async #save(): Promise<void> {
    const { operational, group, log } = this.deps;
    const position = this.reached;
    if (position === this.#saved) return;
    const topics = Object.fromEntries(
      Array.from(this.before, ([topic, before]) => [topic, laterPosition(before, position)]),
    );
    const value: CheckpointRecord = { topics };
    try {
      await operational.write([{ kind: 'put', collection: CHECKPOINTS, key: group, value }]);
      this.#saved = position;
    } catch (error) {
      // The next time is soon; until then the worst is that events come again.
      log.warn({ group, reason: reasonOf(error) }, 'how far a consumer came could not be written down');
    }
  }
}
