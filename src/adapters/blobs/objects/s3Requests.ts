import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { within } from './deadline.js';

/** How long a request takes at most with all its repetitions, in silences that end a connection. */
const SILENCES = 4;

/** Requests to S3, each of which has an end: the client's own limits are for each repetition and each silence. */
export class S3Requests {
  constructor(
    private readonly client: S3Client,
    /** Of a connection, until the client gives it up. */
    private readonly silenceSeconds: number,
  ) {}

  /** The answer; a body in it may still be on its way, and has no end but that of silence. */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: $Command<Input, Output, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
  ): Promise<Output> {
    return within(SILENCES * this.silenceSeconds * 1000, (abortSignal) => this.client.send(command, { abortSignal }));
  }
}
