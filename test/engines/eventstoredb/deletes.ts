import type { handleUnaryCall } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Refused, type Gate } from './answering.js';
import type { EventLog, Expected } from './log.js';
import { nameOf } from './messages.js';
import { streamDeleted, wrongExpectedVersion } from './statuses.js';

type Options = DeleteReq.Options | TombstoneReq.Options;

/** What an operator may do to a stream behind our back: delete it, so that it may begin again, or for ever. */
export class Deletes {
  constructor(
    private readonly log: EventLog,
    private readonly gate: Gate,
  ) {}

  readonly delete: handleUnaryCall<DeleteReq, DeleteResp> = (call, callback) => {
    this.gate
      .pass(call.metadata)
      .then(() => this.#delete(call.request.getOptions(), false))
      .then((position) => {
        const answer = new streams.DeleteResp.Position();
        answer.setCommitPosition(position);
        answer.setPreparePosition(position);
        callback(null, new streams.DeleteResp().setPosition(answer));
      })
      .catch((error: unknown) => {
        callback(error instanceof Refused ? error.status : (error as Error));
      });
  };

  readonly tombstone: handleUnaryCall<TombstoneReq, TombstoneResp> = (call, callback) => {
    this.gate
      .pass(call.metadata)
      .then(() => this.#delete(call.request.getOptions(), true))
      .then((position) => {
        const answer = new streams.TombstoneResp.Position();
        answer.setCommitPosition(position);
        answer.setPreparePosition(position);
        callback(null, new streams.TombstoneResp().setPosition(answer));
      })
      .catch((error: unknown) => {
        callback(error instanceof Refused ? error.status : (error as Error));
      });
  };

  /** @returns where that lies in the log */
  async #delete(options: Options | undefined, isFinal: boolean): Promise<string> {
    const stream = nameOf(options?.getStreamIdentifier());
    const expected = expectedBy(options);
    const outcome = await this.log.delete(stream, expected, isFinal);
    if (outcome.kind === 'deleted') throw new Refused(streamDeleted(stream));
    if (outcome.kind === 'conflict') {
      throw new Refused(wrongExpectedVersion(stream, String(expected), String(outcome.current)));
    }
    return String(outcome.last);
  }
}

function expectedBy(options: Options | undefined): Expected {
  if (options?.hasRevision()) return Number(options.getRevision());
  if (options?.hasNoStream()) return -1;
  return options?.hasStreamExists() === true ? 'exists' : 'any';
}
