import { expect, it } from '@jest/globals';
import { SlotsFull } from '../../../concurrency/slots.js';
import { EventsTooLarge, StoreUnavailable } from '../../../ports/errors.js';
import { apiAnswer } from './failures.js';

it.each<readonly [string, Error, number]>([
  ['stores that are away', new StoreUnavailable('gone'), 503],
  ['too much to do', new SlotsFull(), 503],
  ['more than can be kept', new EventsTooLarge(100_000), 400],
])('is told of %s', (_, error, status) => {
  const answer = apiAnswer(error, 'https://registry.test');
  expect(answer?.status).toBe(status);
  expect(answer?.headers?.['Retry-After'] !== undefined).toBe(status === 503);
});

it('is no answer to what should not happen', () => {
  expect(apiAnswer(new Error('bug'), 'https://registry.test')).toBeUndefined();
});
