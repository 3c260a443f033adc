import {
  AccessDeniedError,
  CancelledError,
  convertToCommandError,
  isCommandError,
  NotLeaderError,
  UnavailableError,
} from '@eventstore/db-client';
import { StoreUnavailable } from '../../../ports/errors.js';

/** Longest that the engine may keep silent before a call is given up. */
export const CALL_MILLISECONDS = 5_000;

const LONGEST_PAUSE_MILLISECONDS = 500;
/** How often a call is made whose connection broke: once more for that, and once for a neighbour's that broke with it. */
const TRIES = 3;

/** What the client rejects with, as its own class where it is an answer or a lack of one. */
export const asClientError = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  return isServiceError(error) ? convertToCommandError(error) : error;
};

const isServiceError = (error: Error): boolean =>
  !isCommandError(error) && 'code' in error && typeof error.code === 'number' && 'details' in error;

/** The engine cannot be used now, in one line. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`EventStoreDB: ${reasonOf(asClientError(error))}`, { cause: error });
}

function reasonOf(error: Error): string {
  if (isDenied(error)) return 'it does not let this user in, or not do that (events are written, and $all is read)';
  const { reason } = WRAPPED.exec(error.message)?.groups ?? {};
  if (reason?.includes('wrong version number') === true) {
    return 'the server answers without TLS: if it has none, add ?tls=false to the connection string';
  }
  const [line = ''] = (reason ?? error.message).split('\n');
  return line === '' ? error.name : line;
}

/** What the client says of a node that cannot be reached, around the reason why. */
const WRAPPED =
  /^(?:\d+ UNAVAILABLE: )?(?:No connection established\. Last error: (?:Error: )?)?(?<reason>.+?)(?:\.? Resolution note: .*)?$/s;

export const isDenied = (error: unknown): boolean => error instanceof AccessDeniedError;

/**
 * Makes a call that may be repeated, and repeats it where another try is likely to succeed: after the client was told
 * who the leader is, and after a connection broke. Nothing is repeated once `CALL_MILLISECONDS` have passed.
 *
 * @param call ends by itself, whatever the engine does
 * @throws what the call is answered with
 */
export async function repeated<Result>(call: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + CALL_MILLISECONDS;
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (thrown) {
      const error = asClientError(thrown);
      const pause = Math.min(10 * 2 ** tries, LONGEST_PAUSE_MILLISECONDS);
      if (!mayBeRepeated(error, tries) || Date.now() + pause >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** While a leader is being elected it takes some time until the node that one is sent to knows that it is the leader. */
const mayBeRepeated = (error: Error, tries: number): boolean =>
  error instanceof NotLeaderError ||
  ((error instanceof UnavailableError || error instanceof CancelledError) && tries < TRIES);

/** @throws StoreUnavailable if the call takes longer than `CALL_MILLISECONDS`; it may have its effect yet */
export async function inTime<Result>(call: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(noAnswer());
    }, CALL_MILLISECONDS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const noAnswer = (): StoreUnavailable =>
  new StoreUnavailable(`EventStoreDB: no answer within ${CALL_MILLISECONDS / 1000} s`);
