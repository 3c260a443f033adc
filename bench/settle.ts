import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Lets the disk finish what others have written, so that nobody pays for his predecessor. */
export const settle = async (): Promise<void> => {
  await promisify(execFile)('sync');
};
