import { expect, it } from '@jest/globals';
import { redacted } from './recovery.js';

it.each([
  ['buynlarge', 'bu•••••ge'],
  ['ab', 'ab'],
  ['abc', 'a•c'],
  ['abcdef', 'a••••f'],
  ['abcdefg', 'ab••••g'],
])('a name is shown to those who know it: %s as %s', (name, shown) => {
  expect(redacted(name)).toBe(shown);
});
