import { expect, it } from '@jest/globals';
import { ALPHANUMERIC, generatedSecret, UPPER_ALPHANUMERIC } from './generatedSecrets.js';

it.each([
  [20, UPPER_ALPHANUMERIC, /^[A-Z0-9]{20}$/],
  [64, UPPER_ALPHANUMERIC, /^[A-Z0-9]{64}$/],
  [40, ALPHANUMERIC, /^[A-Za-z0-9]{40}$/],
])('a secret of %i characters has its form, and is another one each time', (length, alphabet, form) => {
  const secrets = Array.from({ length: 200 }, () => generatedSecret(length, alphabet));
  for (const secret of secrets) expect(secret).toMatch(form);
  expect(new Set(secrets).size).toBe(secrets.length);
});

it('no character is likelier than another', () => {
  const drawn = 36_000;
  const counts = new Map<string, number>();
  for (const character of generatedSecret(drawn, UPPER_ALPHANUMERIC)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  // About 1,000 of each, with a standard deviation of 31: eight of them are never reached by chance.
  for (const character of UPPER_ALPHANUMERIC) expect(Math.abs((counts.get(character) ?? 0) - 1000)).toBeLessThan(250);
});
