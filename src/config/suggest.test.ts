import { describe, expect, it } from '@jest/globals';
import { nearest } from './suggest.js';

describe('the name that was probably meant', () => {
  const known = ['SERVER_HOSTNAME', 'HTTP_PORT', 'HTTP_HOST', 'FEATURE_MAILING'];

  it.each([
    ['SERVER_HOSTNAM', 'SERVER_HOSTNAME'],
    ['SERVER_HOST_NAME', 'SERVER_HOSTNAME'],
    ['HTTP_PROT', 'HTTP_PORT'],
    ['FEATURE_MALING', 'FEATURE_MAILING'],
    ['FEATURE_SAILING', 'FEATURE_MAILING'],
  ])('%s: %s', (given, meant) => {
    expect(nearest(given, known)).toBe(meant);
  });

  it.each(['PORT', 'HTTP', 'SOMETHING_ELSE', ''])('%j: none', (given) => {
    expect(nearest(given, known)).toBeUndefined();
  });
});
