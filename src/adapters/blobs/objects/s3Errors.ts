import { setTimeout as sleep } from 'node:timers/promises';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../../../ports/errors.js';
import { reasonOf } from './reasons.js';

/** What S3 answers about an object, and not about the request, its sender or the bucket. */
const ABOUT_OBJECTS = new Set([404, 409, 412, 416]);

/** Whether S3 answered with one of these statuses. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);

/** Passes on what S3 says about an object; anything else means that the store cannot be used now. */
export async function onS3<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
    const isNoBucket = error instanceof S3ServiceException && error.name === 'NoSuchBucket';
    if (ABOUT_OBJECTS.has(status) && !isNoBucket) throw error;
    throw new StoreUnavailable(`the object store does not serve: ${reasonOf(error)}`, { cause: error });
  }
}

/** The result, or undefined if S3 answers with one of these statuses. */
export async function unlessStatus<T>(statuses: readonly number[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasStatus(error, ...statuses)) return undefined;
    throw error;
  }
}

const DECIDED_AFTER = 6;
const CONFLICT_PAUSE_MS = 30;

/** Repeats what met another change of the same thing while that was under way: who came first is known only afterwards. */
export async function decided<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await onS3(work());
    } catch (error) {
      if (!hasStatus(error, 409) || tries === DECIDED_AFTER) throw error;
      await sleep(CONFLICT_PAUSE_MS * 2 ** (tries - 1));
    }
  }
}
