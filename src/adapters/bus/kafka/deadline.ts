import { StoreUnavailable } from '../../../ports/errors.js';

/**
 * Waits for an answer of Kafka no longer than that.
 *
 * @param what what Kafka is to do, for the message: `take events`
 * @throws StoreUnavailable if it fails, or does not answer in time; the outcome may be unknown
 */
export async function within<Result>(milliseconds: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreUnavailable(`Kafka did not ${what} within ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(`Kafka could not ${what}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
