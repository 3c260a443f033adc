import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/** The errors of the genuine server: status, text and trailers. */

const failure = (code: status, details: string, trailers: Readonly<Record<string, string>> = {}): StatusObject => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
};

export const notLeader = (host: string, port: number): StatusObject =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const noLeader = (): StatusObject => failure(status.UNKNOWN, 'No leader info available in response');

export const notReady = (): StatusObject => failure(status.UNAVAILABLE, 'Server Is Not Ready');

export const broken = (): StatusObject => failure(status.UNAVAILABLE, 'Connection dropped');

/** How a node that is shut down ends what is running. */
export const cancelled = (): StatusObject => failure(status.CANCELLED, 'Call canceled by the server');

export const tooSlow = (): StatusObject =>
  failure(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

export const unauthenticated = (): StatusObject => failure(status.UNAUTHENTICATED, 'Bad HTTP authentication');

export const accessDenied = (): StatusObject =>
  failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const streamDeleted = (stream: string): StatusObject =>
  failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (stream: string, expected: string, actual: string): StatusObject =>
  failure(
    status.FAILED_PRECONDITION,
    `Operation failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': expected,
      'actual-version': actual,
    },
  );

export const appendTooLarge = (most: number): StatusObject =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${most} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(most),
  });

export const missingProperty = (name: string): StatusObject =>
  failure(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const unsupported = (what: string): StatusObject => failure(status.INVALID_ARGUMENT, `${what} is invalid.`);
