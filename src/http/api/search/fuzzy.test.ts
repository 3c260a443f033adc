import { expect, it } from '@jest/globals';
import { fuzzyMatch } from './fuzzy.js';

it('fits the better, the more of the name was looked for, and the nearer to its beginning', () => {
  const names = ['web', 'webhooks', 'my-web', 'cobweb', 'we-build', 'database'];
  const fits = names.map((name) => fuzzyMatch(name, 'web'));
  expect(fits).toEqual(fits.toSorted((one, other) => other - one));
  expect(new Set(fits).size).toBe(names.length);
  expect([fits.at(0), fits.at(-1)]).toEqual([1, 0.5]);
});

it('does not mind the case', () => {
  expect(fuzzyMatch('web', 'WEB')).toBe(1);
});
