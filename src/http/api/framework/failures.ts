import { SlotsFull } from '../../../concurrency/slots.js';
import { DomainError } from '../../../domain/shared/errors.js';
import { EventsTooLarge, ReadModelsTrail, StoreUnavailable } from '../../../ports/errors.js';
import { LoginLocked } from '../../auth/login.js';
import type { Refusals } from './endpoint.js';
import { ApiError, Forbidden, Message, NotFound, type ApiAnswer } from './problems.js';

const RETRY_SECONDS = '2';

/** The answer to what should not happen; what it was, the log tells. */
export const FAILED = {
  status: 500,
  body: { message: 'the server failed to do this: try again, and tell its operator' },
} as const;
const TOO_LARGE = 'what was sent is more than can be kept: send less';

/** Refusals of the domain that are not the usual `400 {"message": …}` (conventions §7.2). */
const usual: Refusals = {
  'repository-unknown': () => new NotFound(),
  'manifest-unknown': () => new NotFound(),
  'tag-unknown': () => new NotFound(),
  'account-unknown': () => new Forbidden(),
};

/**
 * The answer to whatever went wrong; undefined for what should not happen (500). The one place where the API says
 * errors.
 *
 * @param own what the endpoint says in another way
 */
export function apiAnswer(error: unknown, root: string, own: Refusals = {}): ApiAnswer | undefined {
  if (error instanceof ApiError) return error.answer(root);
  if (error instanceof LoginLocked) return tooMany(error);
  if (error instanceof ReadModelsTrail) return unavailable(error.message);
  if (error instanceof StoreUnavailable) return unavailable('the registry cannot reach its stores: try again');
  if (error instanceof SlotsFull) return unavailable('the registry has too much to do: try again');
  // Whatever has no limit of its own has this one.
  if (error instanceof EventsTooLarge) return new Message(400, TOO_LARGE).answer();
  if (!(error instanceof DomainError)) return undefined;
  const refusal = own[error.code] ?? usual[error.code];
  return (refusal?.(error) ?? new Message(400, error.message)).answer(root);
}

/** Bare text, as the contract has it (conventions §2). */
const tooMany = (error: LoginLocked): ApiAnswer => ({
  status: 429,
  body: error.message,
  contentType: 'text/html; charset=utf-8',
  headers: { 'Retry-After': String(error.retryAfterSeconds) },
});

const unavailable = (message: string): ApiAnswer => ({
  status: 503,
  body: { message },
  headers: { 'Retry-After': RETRY_SECONDS },
});
