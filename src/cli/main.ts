#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Bytes of bodies live outside the heap of young objects, which are few: a large one only keeps their memory longer. Its
// size (MiB) can be set only for threads that begin afterwards; that of this one is kept from growing.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--min-semi-space-size=4');
setFlagsFromString('--max-semi-space-size=8');

/** The oldest Node whose native modules load; the project pins a newer one, which npm puts first in the path. */
const OLDEST = 22;

const major = Number(process.versions.node.split('.')[0]);
if (major < OLDEST) {
  process.stderr.write(
    `tidemark needs Node ${OLDEST} or newer, this is ${process.versions.node}: start it through npm ` +
      `(npm start, npm run tidemark -- …), which brings its own\n`,
  );
  process.exitCode = 1;
} else {
  // Only now: under an older Node the native modules would not even load.
  const { run } = await import('./program.js');
  await run();
}
