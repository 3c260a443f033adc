import { readFile, writeFile } from 'node:fs/promises';
import { argv, stderr, stdout } from 'node:process';
import { catalogue } from '../../src/http/api/events/catalogue.js';
import { BASELINE, written } from './files.js';
import { brokenPromises, promiseOf, type Promised } from './promises.js';

// Notes what a release promises of events, from then on: `npm run events:release`. A promise is broken with `--breaking` only.

const promised = JSON.parse(await readFile(BASELINE, 'utf8')) as Promised;
const broken = brokenPromises(promised, promiseOf(catalogue));
if (broken.length > 0 && !argv.includes('--breaking')) {
  stderr.write(
    `${broken.join('\n')}\nNothing was written. To break these promises: npm run events:release -- --breaking\n`,
  );
  process.exitCode = 1;
} else {
  await writeFile(BASELINE, await written(BASELINE, JSON.stringify(promiseOf(catalogue))));
  stdout.write(`${Object.keys(catalogue.events).length} types of events are promised in ${BASELINE}\n`);
}
