import { verifyContents } from '../commands/verifyContents.js';
import type { Administration } from './administration.js';
import type { Core, Stores } from './core.js';

/** Stored contents, for any process that has commands. */
export const contentsAdministration = (
  { operational, blobs }: Stores,
  { contents: { damaged } }: Core,
): Pick<Administration, 'verifyContents'> => ({
  verifyContents: (progressed) => verifyContents({ operational, blobs, damaged, progressed }),
});
