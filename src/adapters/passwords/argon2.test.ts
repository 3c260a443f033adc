import { expect, it } from '@jest/globals';
import { SlotsFull } from '../../concurrency/slots.js';
import { Argon2Hasher } from './argon2.js';

it('lets a few new passwords wait, and refuses the others', async () => {
  const hasher = new Argon2Hasher();
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, (_, index) => hasher.hash(`password ${index}`)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBe(80 - 66);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(SlotsFull);
  const [first] = outcomes;
  expect(first?.status === 'fulfilled' && (await hasher.verify(first.value, 'password 0'))).toBe(true);
});
