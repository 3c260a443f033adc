import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import { dumpOf } from '../config/dump.js';
import type { Instance } from '../http/api/api.js';

/** The program lies in `dist/src` of its package, where the list of changes is, too. */
const CHANGES = new URL('../../../CHANGELOG.md', import.meta.url);

export const instanceOf = (config: Config, shutDown: () => void): Instance => ({
  shutDown,
  changes: () => readFile(CHANGES, 'utf8'),
  configuration: () => dumpOf(config),
});
