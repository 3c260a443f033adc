import { expect, it } from '@jest/globals';
import { avatars, PALETTE } from './avatars.js';

const JANE = '8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d';

it('is made of the e-mail address', () => {
  expect(avatars('local')('user', 'jane', 'jane@example.com')).toEqual({
    name: 'jane',
    hash: JANE,
    color: '#e377c2',
    kind: 'user',
  });
});

it('finds the picture of the same address at gravatar', () => {
  expect(avatars('gravatar')('org', 'janes', 'jane@example.com')).toEqual({
    name: 'janes',
    hash: '9e26471d35a78862c17e467d87cddedf',
    color: '#e7ba52',
    kind: 'org',
  });
});

it('is the same however the address is written', () => {
  expect(avatars('local')('user', 'jane', '  Jane@Example.COM\n').hash).toBe(JANE);
});

it.each([undefined, null, ''])('is made of the name where the address is %p', (email) => {
  const owners = avatars('local')('team', 'owners', email);
  expect(owners).toMatchObject({ name: 'owners', color: '#c7c7c7', kind: 'team' });
  expect(owners.hash).toMatch(/^6f0e3a8c/);
});

it('has 32 colors, each only once', () => {
  expect(PALETTE).toHaveLength(32);
  expect(new Set(PALETTE).size).toBe(32);
});
