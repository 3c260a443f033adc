import { expect, it } from '@jest/globals';
import { tokenSeconds } from './registry.js';

it.each([
  [3660, 3600],
  [300, 300],
])('where tokens of at most %i s are accepted, they live for %i s', (accepted, life) => {
  expect(tokenSeconds({ REGISTRY_JWT_AUTH_MAX_FRESH_S: accepted })).toBe(life);
});
