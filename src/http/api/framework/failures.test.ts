import { expect, it } from '@jest/globals';
import { SlotsFull } from '../../../concurrency/slots.js';
import { EventsTooLarge, ReadModelsTrail, StoreUnavailable } from '../../../ports/errors.js';
import { ociAnswer } from '../../v2/errors.js';
import { apiAnswer } from './failures.js';

it.each<readonly [string, Error, number]>([
  ['stores that are away', new StoreUnavailable('gone'), 503],
  ['read models that trail', new ReadModelsTrail('it is written'), 503],
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

it('says whether something was written while read models trail', () => {
  expect(apiAnswer(new ReadModelsTrail('it is written'), 'https://registry.test')?.body).toEqual({
    message: 'it is written',
  });
  expect(ociAnswer(new ReadModelsTrail('it is written'))).toMatchObject({
    status: 503,
    headers: { 'Retry-After': '2' },
    entries: [{ code: 'UNAVAILABLE', message: 'it is written' }],
  });
});
