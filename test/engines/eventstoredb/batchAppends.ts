import type { ServerDuplexStream, StatusObject } from '@grpc/grpc-js';
import anys from 'google-protobuf/google/protobuf/any_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Refused, type Gate } from './answering.js';
import { proposedEvent, sizeOf } from './appends.js';
import { takes } from './faults.js';
import type { EventLog, Expected, Outcome, ProposedEvent } from './log.js';
import { idOf, identifierOf, nameOf } from './messages.js';
import { broken } from './statuses.js';

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;
type Batch = { readonly stream: string; readonly expected: Expected; readonly events: ProposedEvent[] };

/** Many appends on one call, told apart by ids; what the client library chooses unless it is told otherwise. */
export class BatchAppends {
  constructor(
    private readonly log: EventLog,
    private readonly gate: Gate,
    private readonly largestBytes: number,
  ) {}

  readonly answer = (call: Call): void => {
    const batches = new Map<string, Batch>();
    call.on('data', (request: BatchAppendReq) => {
      this.#take(call, batches, request).catch((error: unknown) => {
        call.emit('error', error instanceof Refused ? error.status : error);
      });
    });
    call.on('end', () => {
      call.end();
    });
  };

  async #take(call: Call, batches: Map<string, Batch>, request: BatchAppendReq): Promise<void> {
    const id = idOf(request.getCorrelationId());
    const options = request.getOptions();
    if (options) {
      const stream = nameOf(options.getStreamIdentifier());
      batches.set(id, { stream, expected: expectedBy(options), events: [] });
    }
    const batch = batches.get(id);
    if (!batch) return;
    batch.events.push(...request.getProposedMessagesList().map(proposedEvent));
    if (!request.getIsFinal()) return;
    batches.delete(id);
    await this.gate.pass(call.metadata);
    const answer = await this.#append(batch);
    if (!answer) return;
    answer.setCorrelationId(request.getCorrelationId());
    answer.setStreamIdentifier(identifierOf(batch.stream));
    call.write(answer);
  }

  async #append({ stream, expected, events }: Batch): Promise<BatchAppendResp | undefined> {
    if (sizeOf(events) > this.largestBytes) {
      const tooLarge = new shared.MaximumAppendSizeExceeded();
      tooLarge.setMaxappendsize(this.largestBytes);
      return failed('MaximumAppendSizeExceeded', tooLarge.serializeBinary());
    }
    const outcome = await this.log.append(stream, expected, events);
    if (takes(this.gate.faults, 'answersToLose')) throw new Refused(broken() satisfies StatusObject);
    if (takes(this.gate.faults, 'answersToWithhold')) return undefined;
    if (outcome.kind === 'deleted') return failed('StreamDeleted', new shared.StreamDeleted().serializeBinary());
    if (outcome.kind === 'conflict') return failed('WrongExpectedVersion', conflict(expected, outcome.current));
    return succeeded(outcome, this.gate.faults.answeredPosition);
  }
}

function expectedBy(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  if (options.hasNoStream()) return -1;
  return options.hasStreamExists() ? 'exists' : 'any';
}

function succeeded(
  outcome: Extract<Outcome, { kind: 'appended' }>,
  answered: 'first' | 'last' | 'none',
): BatchAppendResp {
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(String(outcome.revision));
  if (answered === 'none') success.setNoPosition(new empties.Empty());
  else {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(outcome[answered]));
    position.setPreparePosition(String(outcome[answered]));
    success.setPosition(position);
  }
  return new streams.BatchAppendResp().setSuccess(success);
}

function conflict(expected: Expected, current: number): Uint8Array {
  const details = new shared.WrongExpectedVersion();
  if (current === -1) details.setCurrentNoStream(new empties.Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expected === 'any') details.setExpectedAny(new empties.Empty());
  else if (expected === 'exists') details.setExpectedStreamExists(new empties.Empty());
  else if (expected === -1) details.setExpectedNoStream(new empties.Empty());
  else details.setExpectedStreamPosition(String(expected));
  return details.serializeBinary();
}

function failed(name: string, details: Uint8Array): BatchAppendResp {
  const any = new anys.Any();
  any.pack(details, `event_store.client.${name}`);
  const status = new statuses.Status();
  status.setMessage(name);
  status.setDetails(any);
  return new streams.BatchAppendResp().setError(status);
}
