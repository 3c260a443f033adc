import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configurationReference } from './document.js';
import { configKeys } from './schema.js';

describe('the reference of the configuration', () => {
  it('is up to date (if not: npm run docs:config)', () => {
    const written = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(written).toBe(configurationReference());
  });

  it('names every key', () => {
    const reference = configurationReference();
    expect(configKeys.filter((key) => !reference.includes(`| \`${key}\` `))).toEqual([]);
  });
});
