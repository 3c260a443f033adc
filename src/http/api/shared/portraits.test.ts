import { expect, it } from '@jest/globals';
import type { Sealed } from '../../../domain/shared/sealed.js';
import { avatars } from './avatars.js';
import { Portraits } from './portraits.js';

const box: Sealed = { subject: 'account:a', box: 'jane@example.com' };
/** What was sealed in another place, or was erased, does not open. */
const sealing = {
  open: (sealed: Sealed, binding: string) => Promise.resolve(binding === 'event/email' ? sealed.box : null),
};
const avatarOf = avatars('local');
const portraits = new Portraits(avatarOf, sealing);

it('a user looks like his address', async () => {
  const jane = { id: 'a', name: 'jane', email: box, emailEvent: 'event' };
  expect(await portraits.user(jane)).toEqual(avatarOf('user', 'jane', 'jane@example.com'));
});

it('a user without an address, or whose address was erased, looks like his id', async () => {
  const jane = { id: 'a', name: 'jane', email: null, emailEvent: null };
  expect(await portraits.user(jane)).toEqual(avatarOf('user', 'jane', 'a'));
  expect(await portraits.user({ ...jane, email: box, emailEvent: 'other' })).toEqual(avatarOf('user', 'jane', 'a'));
});

it('an organization looks like its address, or like its name', async () => {
  const acme = { name: 'acme', contactEmail: box, contactEmailEvent: 'event' };
  expect(await portraits.organization(acme)).toEqual(avatarOf('org', 'acme', 'jane@example.com'));
  expect(await portraits.organization(acme, 'user')).toMatchObject({ kind: 'user' });
  const plain = { name: 'acme', contactEmail: null, contactEmailEvent: null };
  expect(await portraits.organization(plain)).toEqual(avatarOf('org', 'acme', 'acme'));
});

it('an application looks like its own address, or like its organization', async () => {
  const acme = { name: 'acme', contactEmail: box, contactEmailEvent: 'event' };
  const owner = { name: 'acme', contactEmail: { ...box, box: 'acme@example.com' }, contactEmailEvent: 'event' };
  const ci = { name: 'ci', avatarEmail: null, avatarEvent: 'event' };
  expect(await portraits.application(ci, acme)).toEqual(avatarOf('app', 'ci', 'jane@example.com'));
  const own = new Portraits(avatarOf, { open: ({ box: text }) => Promise.resolve(text) });
  expect(await own.application({ ...ci, avatarEmail: box }, owner)).toEqual(avatarOf('app', 'ci', 'jane@example.com'));
});

it('robots look like their id, teams like their name', () => {
  expect(portraits.robot({ id: 'r', name: 'acme+ci' })).toEqual(avatarOf('robot', 'acme+ci', 'r'));
  expect(portraits.team({ name: 'owners' })).toEqual(avatarOf('team', 'owners'));
  expect(portraits.address('jane@example.com').hash).toBe(avatarOf('user', 'x', 'jane@example.com').hash);
});
