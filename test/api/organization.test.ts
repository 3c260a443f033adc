import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { avatar, done, forbidden, invalid, notFound, rule, unauthenticated } from '../support/apiAnswers.js';
import type { ApiClient } from '../support/apiClient.js';
import { Community } from '../support/community.js';
import { pushImage } from '../support/images.js';

let community: Community<'ada' | 'bob' | 'eve'>;
let ada: ApiClient;
let bob: ApiClient;
let eve: ApiClient;
let anybody: ApiClient;

beforeAll(async () => {
  community = await Community.start(['ada', 'bob', 'eve'], { FEATURE_MAILING: 'false' });
  anybody = community.anybody;
  [ada, bob, eve] = [community.as('ada'), community.as('bob'), community.as('eve')];
});
afterAll(() => community.stop());

const organization = '/api/v1/organization/';

describe('creating an organization', () => {
  it('takes a name that nobody bears, and none that breaks the rule', async () => {
    expect((await ada.post(organization, { name: 'acme', email: '' })).status).toBe(201);
    const taken = invalid('A user or organization with this name already exists');
    for (const name of ['acme', 'bob']) expect((await ada.post(organization, { name })).both).toEqual(taken);
    const FORM = '^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';
    expect((await ada.post(organization, { name: 'A b' })).both).toEqual(
      invalid(`Invalid namespace A b: Namespace must match expression ${FORM}`),
    );
    expect((await ada.post(organization, { name: 'a' })).both).toEqual(
      invalid('Invalid namespace a: Namespace must be between 2 and 255 characters in length'),
    );
    expect((await ada.post(organization, {})).both).toEqual(invalid("'name' is a required property"));
  });

  it('takes an address that is one, and nobody else has', async () => {
    const create = (name: string, addresses: object) => ada.post(organization, { name, ...addresses });
    expect((await create('mail', { email: 'no address' })).both).toEqual(invalid('Invalid email address'));
    expect((await create('mail', { email: 'Bob@example.com' })).both).toEqual(
      invalid('Email has already been used: Bob@example.com'),
    );
    const both = { email: 'other@example.com', contact_email: 'mail@example.com' };
    expect((await create('mail', both)).status).toBe(201);
    expect((await ada.get(`${organization}mail`)).body).toMatchObject({ email: 'mail@example.com' });
  });

  it('is for who is signed in', async () => {
    expect((await anybody.post(organization, { name: 'nobodys' })).both).toEqual(unauthenticated);
  });
});

describe('an organization', () => {
  it('shows everybody its name, its members their teams, its administrators everything', async () => {
    await ada.post(organization, { name: 'shown', email: 'shown@example.com' });
    await ada.put(`${organization}shown/team/devs`, { role: 'creator', description: 'They build' });
    await ada.put(`${organization}shown/team/devs/members/bob`);
    const portrait = avatar('shown', 'user');
    const open = { name: 'shown', email: '', avatar: portrait, is_admin: false, is_member: false };
    for (const outsider of [anybody, eve]) expect((await outsider.get(`${organization}shown`)).body).toEqual(open);
    expect((await bob.get(`${organization}shown`)).body).toEqual({
      ...{ ...open, is_member: true, ordered_teams: ['owners', 'devs'] },
      teams: {
        owners: expect.objectContaining({ can_view: false, role: 'admin' }),
        devs: expect.objectContaining({ can_view: true, role: 'creator', description: 'They build', member_count: 1 }),
      },
    });
    expect((await ada.get(`${organization}shown`)).body).toMatchObject({ email: 'shown@example.com' });
  });

  it('is not somebody of that name', async () => {
    for (const name of ['bob', 'nothing']) expect((await bob.get(`${organization}${name}`)).both).toEqual(notFound);
  });

  it('changes its settings as far as they are given', async () => {
    await ada.post(organization, { name: 'settings' });
    const change = (body: object) => ada.put(`${organization}settings`, body);
    const all = {
      ...{ invoice_email: true, invoice_email_address: 'money@example.com', tag_expiration_s: 86_400 },
      email: 'settings@example.com',
    };
    expect((await change(all)).both).toEqual([200, expect.objectContaining(all)]);
    expect((await change({})).body).toMatchObject(all);
    expect((await change({ email: 'not@counted.org', contact_email: null })).body).toMatchObject({ email: '' });
    expect((await change({ invoice_email_address: '' })).body).toMatchObject({ invoice_email_address: null });
    expect((await ada.get(`${organization}settings`)).body).toMatchObject({
      ...{ email: '', invoice_email: true, invoice_email_address: null, tag_expiration_s: 86_400 },
    });
  });

  it('changes nothing where something is wrong with what it is asked', async () => {
    await ada.post(organization, { name: 'strict' });
    const change = (body: object) => ada.put(`${organization}strict`, { invoice_email: true, ...body });
    expect((await change({ tag_expiration_s: 7 })).both).toEqual(rule('Invalid tag expiration option'));
    expect((await change({ tag_expiration_s: -1 })).both).toEqual(invalid('-1 is less than the minimum of 0'));
    expect((await change({ contact_email: 'nowhere' })).both).toEqual(invalid('Invalid email address'));
    expect((await ada.get(`${organization}strict`)).body).toMatchObject({ invoice_email: false });
  });

  it('is changed and deleted by its administrators alone; what is wrong with a body is told first', async () => {
    await ada.post(organization, { name: 'guarded' });
    expect((await anybody.put(`${organization}guarded`, {})).both).toEqual(unauthenticated);
    for (const path of ['guarded', 'nothing'])
      expect((await bob.put(`${organization}${path}`, {})).both).toEqual(forbidden);
    expect((await bob.put(`${organization}guarded`, { email: 1 })).both).toEqual(invalid("1 is not of type 'string'"));
    expect((await bob.put(`${organization}bob`, {})).both).toEqual(notFound);
    expect((await bob.delete(`${organization}guarded`)).both).toEqual(forbidden);
  });

  it('goes with its repositories, and leaves its name to others', async () => {
    await ada.post(organization, { name: 'gone' });
    await pushImage(community.pulling('ada', 'gone/app'), 'latest');
    expect((await ada.delete(`${organization}gone`)).both).toEqual(done);
    expect((await community.pulling('ada', 'gone/app').get('manifests/latest')).status).toBe(401);
    expect((await bob.post(organization, { name: 'gone' })).status).toBe(201);
    expect((await community.pulling('bob', 'gone/app').get('manifests/latest')).status).toBe(404);
    expect((await ada.get(`${organization}gone`)).body).toMatchObject({ is_member: false });
  });
});
