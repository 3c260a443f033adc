import type { Contents } from '../commands/contents.js';
import { verifyContents } from '../commands/verifyContents.js';
import type { Administration } from './administration.js';
import type { Stores } from './core.js';

/** Stored contents, for any process that has commands; to be made once in each. */
export function contentsAdministration(
  { operational, blobs }: Pick<Stores, 'operational' | 'blobs'>,
  { contents: { damaged } }: { readonly contents: Pick<Contents, 'damaged'> },
): Pick<Administration, 'verifyContents'> {
  // A second one would find nothing more, and take its part of disk and processor from those whom the registry serves.
  let isRunning = false;
  return {
    verifyContents: async (progressed, signal) => {
      if (isRunning) throw new Error('the contents are being verified already: wait until that has ended, or end it');
      isRunning = true;
      try {
        return await verifyContents({ operational, blobs, damaged, progressed, signal });
      } finally {
        isRunning = false;
      }
    },
  };
}
