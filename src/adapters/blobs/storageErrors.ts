import { StoreUnavailable } from '../../ports/errors.js';

/** Whether an error of the operating system has one of these codes (`ENOENT`, …). */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.some((code) => code === error.code);

/** What a disk or a process at its limits answers: the operator can mend it, and the caller may try again. */
const DISK_TROUBLE = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE'];
/** What a folder on another machine answers while that is away, or has forgotten us. */
const NETWORK_TROUBLE = ['ESTALE', 'ETIMEDOUT', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH', 'EREMOTEIO', 'ENODEV'];

/** Runs writes of this store's own; a full or failing disk surfaces as StoreUnavailable, anything else as it is. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, ...DISK_TROUBLE, ...NETWORK_TROUBLE))
      throw new StoreUnavailable('the blob store cannot use its disk', { cause: error });
    throw error;
  }
}

/** The result, or undefined where the failure has one of these codes. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}
