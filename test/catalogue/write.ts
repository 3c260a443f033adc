import { readFile, writeFile } from 'node:fs/promises';
import { generateCatalogue } from './catalogue.js';
import { CATALOGUE, GUIDE, written } from './files.js';
import { withLists } from './guide.js';

// Writes what is generated of the events' types: `npm run docs:events`.

const catalogue = generateCatalogue();
await writeFile(CATALOGUE, await written(CATALOGUE, JSON.stringify(catalogue)));
await writeFile(GUIDE, await written(GUIDE, withLists(await readFile(GUIDE, 'utf8'), catalogue)));
