import { expect, it } from '@jest/globals';
import { parseDuration } from './duration.js';

it.each([
  ['0s', 0],
  ['90s', 90],
  ['10m', 600],
  ['12h', 43_200],
  ['1d', 86_400],
  ['2w', 1_209_600],
  ['1y', 31_536_000],
])('reads %s', (text, seconds) => {
  expect(parseDuration(text)).toEqual({ text, seconds });
});

it.each(['', '1', 's', '-1s', '1.5h', '1 d', '1D', '1M', ' 1d', '1d\n', '9999999999s'])('does not read %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
