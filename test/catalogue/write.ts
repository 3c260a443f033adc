import { writeFile } from 'node:fs/promises';
import { generateCatalogue } from './catalogue.js';
import { CATALOGUE, written } from './files.js';

// Writes what is generated of the events' types: `npm run docs:events`.

await writeFile(CATALOGUE, await written(CATALOGUE, generateCatalogue()));
