import type { StatusObject } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf, windowsOf } from './filter.js';
import type { EventLog, LogRecord } from './log.js';
import { caughtUpMessage, checkpointMessage, confirmationMessage, eventMessage, wantsTextIds } from './messages.js';
import { send, type ReadCall } from './sending.js';
import { taken } from './sequences.js';
import { cancelled, tooSlow } from './statuses.js';

/** Live events that wait for a subscriber; who is further behind is sent away. The genuine server has two such queues. */
const LIVE_BUFFER = 2 * 32;

/** A subscription to the log: what is there in pages, then what comes, with checkpoints where events are filtered out. */
export class Subscription {
  readonly #isAllowed: (record: LogRecord) => boolean;
  readonly #asText: boolean;
  readonly #live: LogRecord[] = [];
  #stopListening = (): void => undefined;
  #wake = (): void => undefined;
  #considered = 0;
  #end: StatusObject | undefined;
  #misleads = false;
  checkpoints = 0;

  constructor(
    private readonly log: EventLog,
    private readonly call: ReadCall,
    private readonly options: ReadReq.Options,
    private readonly id: string,
  ) {
    this.#isAllowed = filterOf(options);
    this.#asText = wantsTextIds(options);
    call.on('cancelled', () => {
      this.drop(cancelled());
    });
  }

  async run(): Promise<void> {
    try {
      await this.#send(confirmationMessage(this.id));
      await this.#catchUp(this.#start());
      if (!this.#end) await this.#send(caughtUpMessage());
      await this.#goLive();
    } finally {
      this.#stopListening();
    }
    if (!this.call.cancelled) this.call.emit('error', this.#end);
  }

  /** Ends it as a lost connection, a node that is shut down or a reader that is too slow would. */
  drop(end: StatusObject): void {
    this.#end ??= end;
    this.#wake();
  }

  /** The next live event is not sent, its place is given as a checkpoint, and the subscription ends. */
  mislead(): void {
    this.#misleads = true;
  }

  /** After a position: one event is read from there, whichever that is, and the next one is the first. */
  #start(): number {
    const position = this.options.getAll()?.getPosition();
    if (!position) return this.options.getAll()?.hasEnd() === true ? Infinity : 0;
    const [at] = taken(1, this.log.forwards(Number(position.getCommitPosition())));
    return at ? at.position + 1 : Infinity;
  }

  /** Page by page, until nothing is left; from then on nothing is missed, because nothing can be appended in between. */
  async #catchUp(start: number): Promise<void> {
    const { page } = windowsOf(this.options);
    for (let from = start; !this.#end;) {
      const records = [...taken(page, this.log.forwards(from))];
      const last = records.at(-1);
      if (!last) {
        this.#stopListening = this.log.onAppended((appended) => {
          this.#enqueue(appended);
        });
        return;
      }
      for (const record of records) await this.#consider(record);
      from = last.position + 1;
    }
  }

  #enqueue(records: readonly LogRecord[]): void {
    if (this.#end) return;
    this.#live.push(...records);
    if (this.#live.filter(this.#isAllowed).length > LIVE_BUFFER) this.drop(tooSlow());
    this.#wake();
  }

  async #goLive(): Promise<void> {
    while (!this.#end) {
      const record = this.#live.shift();
      if (record) await this.#consider(record);
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  async #consider(record: LogRecord): Promise<void> {
    if (this.#end) return;
    const isAllowed = this.#isAllowed(record);
    if (isAllowed && this.#misleads) {
      await this.#send(checkpointMessage(record.position));
      this.drop(cancelled());
      return;
    }
    if (isAllowed) await this.#send(eventMessage(record, this.#asText));
    this.#considered += 1;
    if (this.#considered % windowsOf(this.options).checkpoint === 0) {
      await this.#send(checkpointMessage(record.position));
      this.checkpoints += 1;
    }
  }

  async #send(message: ReadResp): Promise<void> {
    if (!this.call.cancelled) await send(this.call, message);
  }
}
