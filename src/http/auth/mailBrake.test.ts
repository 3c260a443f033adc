import { expect, it } from '@jest/globals';
import { MailBrake } from './mailBrake.js';

it('lets a few mails go to one address, and more only after a while', () => {
  let now = 0;
  const brake = new MailBrake(() => now);
  const asked = (address: string, times: number): boolean[] =>
    Array.from({ length: times }, () => brake.allows(address));
  expect(asked('ada', 7)).toEqual([true, true, true, true, true, false, false]);
  expect(asked('bob', 1)).toEqual([true]);
  now = 10 * 60_000 - 1;
  expect(asked('ada', 1)).toEqual([false]);
  now += 1;
  expect(asked('ada', 6)).toEqual([true, true, true, true, true, false]);
});
