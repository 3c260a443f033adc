import { describe, expect, it } from '@jest/globals';
import { configKeys, keys, sections } from './schema.js';
import { noFindings, Place } from './types/place.js';

describe('the schema', () => {
  it('declares every key once', () => {
    const declared = sections.flatMap((section) => Object.keys(section.keys));
    expect([...declared].sort()).toEqual([...configKeys].sort());
  });

  it('has defaults that its own types accept without a word', () => {
    const findings = noFindings();
    for (const key of configKeys) {
      const { type, fallback } = keys[key];
      if (fallback !== undefined) type.parse(fallback, new Place(key, 'the schema', findings));
    }
    expect(findings).toEqual({ problems: [], warnings: [] });
  });

  it('describes every key', () => {
    expect(configKeys.filter((key) => keys[key].about === '')).toEqual([]);
  });
});
