import { expect, it } from '@jest/globals';
import { accountDocument } from '../../../test/support/accountDocument.js';
import { RecentPasswords } from './recentPasswords.js';

const ada = accountDocument('ada');

it('a right password is remembered for ten seconds, of that account, generation and hash', () => {
  let now = 1_000;
  const recent = new RecentPasswords(() => now);
  recent.add(ada, 'hash', 'right');
  now += 9_999;
  expect(recent.has(ada, 'hash', 'right')).toBe(true);
  expect(recent.has(ada, 'hash', 'wrong')).toBe(false);
  expect(recent.has(ada, 'another', 'right')).toBe(false);
  expect(recent.has({ ...ada, id: 'bob' }, 'hash', 'right')).toBe(false);
  expect(recent.has({ ...ada, passwordGeneration: 2 }, 'hash', 'right')).toBe(false);
  now += 1;
  expect(recent.has(ada, 'hash', 'right')).toBe(false);
});
