import { expect, it } from '@jest/globals';
import { bytesText, countText, secondsText } from './quantities.js';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [150 * 1024, '150 KiB'],
  [20 * 1024 ** 3, '20.0 GiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it('groups the digits of a count', () => {
  expect(countText(1_234_567.8)).toBe('1,234,568');
});

it.each([
  [0.4, '0s'],
  [59.6, '1m 0s'],
  [200, '3m 20s'],
  [7500, '2h 5m'],
])('%d seconds are %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});
