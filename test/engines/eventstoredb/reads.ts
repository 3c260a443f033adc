import { randomUUID } from 'node:crypto';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Refused, type Gate } from './answering.js';
import { takes } from './faults.js';
import { filterOf } from './filter.js';
import type { EventLog, LogRecord, ReadableStream } from './log.js';
import { eventMessage, nameOf, streamNotFoundMessage, wantsTextIds } from './messages.js';
import { filtered, taken } from './sequences.js';
import { send, type ReadCall } from './sending.js';
import { streamDeleted, unsupported } from './statuses.js';
import { Subscription } from './subscription.js';

/** Reads of a stream and of the whole log, and subscriptions to the whole log. */
export class Reads {
  readonly subscriptions = new Set<Subscription>();
  readonly subscribedAfter: number[] = [];
  /** Pages of the whole log that were asked for. */
  logPages = 0;

  constructor(
    private readonly log: EventLog,
    private readonly gate: Gate,
  ) {}

  readonly answer = (call: ReadCall): void => {
    this.#read(call).catch((error: unknown) => {
      call.emit('error', error instanceof Refused ? error.status : error);
    });
  };

  async #read(call: ReadCall): Promise<void> {
    await this.gate.pass(call.metadata);
    const options = call.request.getOptions();
    if (!options) throw new Refused(unsupported('A read without options'));
    if (options.hasSubscription()) {
      await this.#subscribe(call, options);
      return;
    }
    const asText = wantsTextIds(options);
    if (options.hasAll()) this.logPages += 1;
    const records = options.hasAll() ? this.#ofTheLog(options) : this.#ofAStream(options);
    if (records === 'not found') {
      await send(call, streamNotFoundMessage(nameOf(options.getStream()?.getStreamIdentifier())));
    } else {
      for (const record of taken(Number(options.getCount()), records)) {
        if (call.cancelled) return;
        await send(call, eventMessage(record, asText));
      }
    }
    call.end();
  }

  #ofTheLog(options: ReadReq.Options): Iterable<LogRecord> {
    const all = options.getAll();
    const at = all?.getPosition()?.getCommitPosition();
    const isAllowed = filterOf(options);
    const isForwards = isForwardsBy(options);
    const from = at === undefined ? (all?.hasEnd() === true ? Infinity : 0) : Number(at);
    const records = isForwards ? this.log.forwards(from) : this.log.backwards(from);
    return filtered(records, isAllowed);
  }

  #ofAStream(options: ReadReq.Options): 'not found' | Iterable<LogRecord> {
    const from = options.getStream();
    const name = nameOf(from?.getStreamIdentifier());
    const stream = this.log.stream(name);
    if (stream === 'deleted') throw new Refused(streamDeleted(name));
    if (stream === 'none') return 'not found';
    const revision = from?.hasEnd() === true ? stream.last : Number(from?.getRevision() ?? 0);
    return isForwardsBy(options) ? forwards(stream, revision) : backwards(stream, revision);
  }

  async #subscribe(call: ReadCall, options: ReadReq.Options): Promise<void> {
    if (!options.hasAll()) throw new Refused(unsupported('A subscription to a stream'));
    if (takes(this.gate.faults, 'confirmationsToWithhold')) return;
    this.subscribedAfter.push(Number(options.getAll()?.getPosition()?.getCommitPosition() ?? 0));
    const subscription = new Subscription(this.log, call, options, randomUUID());
    this.subscriptions.add(subscription);
    try {
      await subscription.run();
    } finally {
      this.subscriptions.delete(subscription);
    }
  }
}

const isForwardsBy = (options: ReadReq.Options): boolean =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS;

function* forwards(stream: ReadableStream, from: number): Generator<LogRecord, void, undefined> {
  for (let revision = Math.max(from, stream.first); revision <= stream.last; revision++) {
    const record = stream.at(revision);
    if (record) yield record;
  }
}

function* backwards(stream: ReadableStream, from: number): Generator<LogRecord, void, undefined> {
  for (let revision = Math.min(from, stream.last); revision >= stream.first; revision--) {
    const record = stream.at(revision);
    if (record) yield record;
  }
}
