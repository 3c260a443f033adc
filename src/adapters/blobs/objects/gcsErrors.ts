import { StoreUnavailable } from '../../../ports/errors.js';
import { reasonOf } from './reasons.js';

/** What Cloud Storage answers about an object, and not about the request, its sender or the bucket. */
const ABOUT_OBJECTS = [404, 412, 416];
/** Connections that broke: the library knows only some of them, and every request here may be repeated. */
const BROKEN = ['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'EAI_AGAIN'];
const BROKEN_EARLY = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CONNECTION_TIMEOUT'];
const BUSY = [408, 429, 500, 502, 503, 504];

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** Whether Cloud Storage answered with one of these statuses. */
export const isAnswer = (error: unknown, ...statuses: readonly number[]): boolean =>
  statuses.some((status) => String(codeOf(error)) === String(status));

/** Whether the same request may succeed a moment later. */
export const mayPass = (error: unknown): boolean =>
  isAnswer(error, ...BUSY) || [...BROKEN, ...BROKEN_EARLY].includes(String(codeOf(error)));

/** Passes on what Cloud Storage says about an object; anything else means that the store cannot be used now. */
export async function onGcs<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isAnswer(error, ...ABOUT_OBJECTS)) throw error;
    throw new StoreUnavailable(`the object store does not serve: ${reasonOf(error)}`, { cause: error });
  }
}

/** The result, or undefined if Cloud Storage answers with one of these statuses. */
export async function unlessAnswer<T>(statuses: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAnswer(error, ...statuses)) return undefined;
    throw error;
  }
}
