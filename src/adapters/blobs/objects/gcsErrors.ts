import { StoreUnavailable } from '../../../ports/errors.js';
import { reasonOf } from './reasons.js';

/** What Cloud Storage answered in place of what it was asked for. */
export class GcsRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message === '' ? `status ${status}` : message);
    this.name = 'GcsRefusal';
  }
}

/** What it answers about an object, and not about the request, its sender or the bucket. */
const ABOUT_OBJECTS = [404, 412, 416];
const NO_BUCKET = /bucket does not exist/i;

/** Whether Cloud Storage answered with one of these statuses. */
export const isRefusal = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof GcsRefusal && statuses.includes(error.status);

/** Passes on what Cloud Storage says about an object; anything else means that the store cannot be used now. */
export async function onGcs<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GcsRefusal && ABOUT_OBJECTS.includes(error.status) && !NO_BUCKET.test(error.message))
      throw error;
    throw new StoreUnavailable(`the object store does not serve: ${reasonOf(error)}`, { cause: error });
  }
}

/** The result, or undefined if Cloud Storage answers with one of these statuses. */
export async function unlessRefused<T>(statuses: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isRefusal(error, ...statuses)) return undefined;
    throw error;
  }
}
