import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Refused, type Gate } from './answering.js';
import { takes } from './faults.js';
import type { EventLog, Expected, Outcome, ProposedEvent } from './log.js';
import { idOf, nameOf } from './messages.js';
import { appendTooLarge, broken, missingProperty, streamDeleted, unsupported } from './statuses.js';

type Call = ServerReadableStream<AppendReq, AppendResp>;

/** One append of one stream: its options, then its events one by one, then one answer. */
export class Appends {
  constructor(
    private readonly log: EventLog,
    private readonly gate: Gate,
    private readonly largestBytes: number,
  ) {}

  readonly answer = (call: Call, callback: sendUnaryData<AppendResp>): void => {
    this.#append(call).then(
      (response) => {
        if (response) callback(null, response);
      },
      (error: unknown) => {
        callback(error instanceof Refused ? error.status : (error as Error));
      },
    );
  };

  /** @returns undefined if no answer is to be given */
  async #append(call: Call): Promise<AppendResp | undefined> {
    const requests = await received(call);
    await this.gate.pass(call.metadata);
    const options = requests[0]?.getOptions();
    if (!options) throw new Refused(unsupported('An append without options'));
    const stream = nameOf(options.getStreamIdentifier());
    const events = requests.slice(1).map((request) => proposedEvent(request.getProposedMessage()));
    if (sizeOf(events) > this.largestBytes) throw new Refused(appendTooLarge(this.largestBytes));
    const outcome = await this.log.append(stream, expectedBy(options), events);
    const { faults } = this.gate;
    if (takes(faults, 'answersToLose')) throw new Refused(broken());
    if (takes(faults, 'answersToWithhold')) return undefined;
    if (outcome.kind === 'deleted') throw new Refused(streamDeleted(stream));
    if (outcome.kind === 'conflict') return conflict(options, outcome.current);
    return success(outcome, faults.answeredPosition);
  }
}

async function received(call: Call): Promise<readonly AppendReq[]> {
  const requests: AppendReq[] = [];
  for await (const request of call) requests.push(request as AppendReq);
  return requests;
}

type Message = {
  getId(): Parameters<typeof idOf>[0];
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

export function proposedEvent(message: Message | undefined): ProposedEvent {
  if (!message) throw new Refused(unsupported('A message that is no event'));
  const type = message.getMetadataMap().get('type');
  const contentType = message.getMetadataMap().get('content-type');
  if (type === undefined) throw new Refused(missingProperty('type'));
  if (contentType === undefined) throw new Refused(missingProperty('content-type'));
  return {
    id: idOf(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** As the genuine server counts it: texts in UTF-16. */
export const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, { type, data, metadata }) => sum + type.length * 2 + data.byteLength + metadata.byteLength, 0);

function expectedBy(options: AppendReq.Options): Expected {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return -1;
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'exists';
  throw new Refused(unsupported('An append that expects nothing'));
}

function success(outcome: Extract<Outcome, { kind: 'appended' }>, answered: 'first' | 'last' | 'none'): AppendResp {
  const answer = new streams.AppendResp.Success();
  answer.setCurrentRevision(String(outcome.revision));
  if (answered === 'none') answer.setNoPosition(new shared.Empty());
  else {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(String(outcome[answered]));
    position.setPreparePosition(String(outcome[answered]));
    answer.setPosition(position);
  }
  return new streams.AppendResp().setSuccess(answer);
}

function conflict(options: AppendReq.Options, current: number): AppendResp {
  const answer = new streams.AppendResp.WrongExpectedVersion();
  if (current === -1) answer.setCurrentNoStream(new shared.Empty());
  else answer.setCurrentRevision(String(current));
  if (options.hasAny()) answer.setExpectedAny(new shared.Empty());
  else if (options.hasStreamExists()) answer.setExpectedStreamExists(new shared.Empty());
  else if (options.hasNoStream()) answer.setExpectedNoStream(new shared.Empty());
  else answer.setExpectedRevision(options.getRevision());
  return new streams.AppendResp().setWrongExpectedVersion(answer);
}
