import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { PASSWORD, type RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';
import { readMail } from '../support/mime.js';
import { SmtpServer } from '../support/smtpServer.js';

let registry: RegistryProcess;
let admin: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount({
    FEATURE_MAILING: 'false',
    GLOBAL_READONLY_SUPER_USERS: '["auditor"]',
  }));
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const USERS = '/api/v1/superuser/users/';
type User = { readonly username: string; readonly email: string; readonly enabled: boolean };

const list = async (query = ''): Promise<{ users: User[]; next_page?: string }> =>
  (await admin.get(`${USERS}${query}`)).json();
const names = async (query = ''): Promise<string[]> => (await list(query)).users.map(({ username }) => username);
const create = (username: string, email?: string) =>
  admin.post(USERS, { username, ...(email === undefined ? {} : { email }) });
const logsIn = async (name: string, password: string): Promise<number> =>
  (await new V2Client(registry, name, password).requestToken([])).status;
const avatar = (name: string, more: object = {}) => ({
  ...{ name, hash: expect.stringMatching(/^[0-9a-f]{64}$/), color: expect.stringMatching(/^#[0-9a-f]{6}$/) },
  ...{ kind: 'user', ...more },
});
const user = (name: string, more: object = {}) => ({
  ...{ kind: 'user', name, username: name, email: `${name}@example.com`, verified: true, avatar: avatar(name) },
  ...{ super_user: false, global_readonly_super_user: false, enabled: true, ...more },
});
const rule = (message: string) => [400, { message }];
const request = (detail: string) => [
  400,
  expect.objectContaining({ detail, error_type: 'invalid_request', title: 'invalid_request', status: 400 }),
];

describe('chapter 2 of the guide', () => {
  it('2.2: a user is created, logs in with the password that was made, and is listed', async () => {
    const made = await admin.post(USERS, { username: 'newuser', email: 'newuser@example.com' });
    expect(made.both).toEqual([
      200,
      {
        ...{ username: 'newuser', email: 'newuser@example.com' },
        password: expect.stringMatching(/^[A-Z0-9]{32}$/),
        encrypted_password: expect.stringMatching(/^[A-Za-z0-9+/]{108}$|^[A-Za-z0-9+/]+={0,2}$/),
      },
    ]);
    const { password, encrypted_password: encrypted } = made.json<{ password: string; encrypted_password: string }>();
    expect(await logsIn('newuser', password)).toBe(200);
    expect(await logsIn('newuser', encrypted)).toBe(200);
    await ApiClient.signedIn(registry, 'newuser', password);

    const listed = await admin.get(USERS);
    expect(listed.both).toEqual([200, { users: [user('quayadmin', { super_user: true }), user('newuser')] }]);
    // The hashes are those of the addresses, as the guide prints one for this very address.
    expect(listed.json<{ users: { avatar: unknown }[] }>().users[1]?.avatar).toEqual({
      ...{ name: 'newuser', hash: 'f338a2c83bfdde84abe2d3348994d70c34185a234cfbf32f9e323e3578e7e771' },
      ...{ color: '#9edae5', kind: 'user' },
    });
  });

  it('2.4: a user is deleted, and is listed no more', async () => {
    const deleted = await admin.delete(`${USERS}newuser`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await names()).toEqual(['quayadmin']);
    expect((await admin.get(`${USERS}newuser`)).status).toBe(404);
  });
});

describe('creating a user', () => {
  it('needs no address where no mail is sent', async () => {
    const made = await create('plain');
    expect(made.body).toMatchObject({ username: 'plain', email: null });
    const shown = await admin.get(`${USERS}plain`);
    expect(shown.both).toEqual([200, user('plain', { email: expect.stringMatching(/^[0-9a-f-]{36}$/) })]);
  });

  it('needs a name that is free and well-formed', async () => {
    const form = '^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';
    expect((await create('No Name')).both).toEqual(
      rule(`Invalid namespace No Name: Namespace must match expression ${form}`),
    );
    expect((await create('x')).both).toEqual(
      rule('Invalid namespace x: Namespace must be between 2 and 255 characters in length'),
    );
    expect((await create('plain')).both).toEqual(
      rule('Username has already been taken by user cannot be reused: plain'),
    );
    expect((await admin.post('/api/v1/organization/', { name: 'buynlarge' })).status).toBe(201);
    expect((await create('buynlarge')).both).toEqual(
      rule('Username has already been taken by an organization and cannot be reused: buynlarge'),
    );
  });

  it('needs an address that nobody has', async () => {
    await create('first', 'same@example.com');
    expect((await create('second', 'SAME@example.com')).both).toEqual(
      rule('Email has already been used: SAME@example.com'),
    );
    expect((await create('second', 'nowhere')).both).toEqual(rule('Invalid email address: nowhere'));
    expect(await names()).not.toContain('second');
  });

  it('checks the body before anything', async () => {
    expect((await admin.post(USERS, {})).both).toEqual(request("'username' is a required property"));
    expect((await admin.post(USERS, { username: 'a', email: null })).both).toEqual(
      request("None is not of type 'string'"),
    );
    expect((await admin.post(USERS, 'null')).both).toEqual(request('Missing JSON body'));
  });
});

describe('listing users', () => {
  it('goes by pages where a limit is given', async () => {
    const all = await names();
    const first = await list('?limit=2');
    expect(first.users.map(({ username }) => username)).toEqual(all.slice(0, 2));
    const second = await list(`?limit=2&next_page=${first.next_page ?? ''}`);
    expect(second.users.map(({ username }) => username)).toEqual(all.slice(2, 4));
    const whole = await list('?limit=100');
    expect(whole.users).toHaveLength(all.length);
    expect(whole.next_page).toBeUndefined();
    expect(await names('?limit=2&next_page=nonsense')).toEqual(all.slice(0, 2));
  });

  it('refuses pages that are too long', async () => {
    expect((await admin.get(`${USERS}?limit=101`)).both).toEqual(request('Page limit cannot be above 100'));
    expect((await admin.get(`${USERS}?limit=many`)).status).toBe(400);
  });

  it('leaves out who is disabled where that is wanted, in pages too', async () => {
    await create('sleeper');
    await admin.put(`${USERS}sleeper`, { enabled: false });
    expect(await names()).toContain('sleeper');
    const awake = await names('?disabled=false');
    expect(awake).not.toContain('sleeper');
    await create('last');
    const paged: string[] = [];
    let next: string | undefined = '';
    do {
      const page: { users: User[]; next_page?: string } = await list(`?disabled=false&limit=2&next_page=${next}`);
      paged.push(...page.users.map(({ username }) => username));
      next = page.next_page;
    } while (next !== undefined);
    expect(paged).toEqual([...awake, 'last']);
  });

  it('shows neither robots nor organizations', async () => {
    await admin.put('/api/v1/user/robots/ci');
    expect(await names()).not.toContain('quayadmin+ci');
    expect(await names()).not.toContain('buynlarge');
    expect((await admin.get(`${USERS}buynlarge`)).status).toBe(404);
    expect((await admin.get(`${USERS}quayadmin+ci`)).status).toBe(404);
  });
});

describe('changing a user', () => {
  it('gives another password, which voids the old one', async () => {
    const { password: old } = (await create('pass')).json<{ password: string }>();
    const changed = await admin.put(`${USERS}pass`, { password: 'brand-new-one' });
    expect(changed.both).toEqual([
      200,
      user('pass', { email: expect.any(String), encrypted_password: expect.any(String) }),
    ]);
    expect(await logsIn('pass', 'brand-new-one')).toBe(200);
    expect(await logsIn('pass', changed.json<{ encrypted_password: string }>().encrypted_password)).toBe(200);
    expect(await logsIn('pass', old)).toBe(401);
    expect(await logsIn('pass', 'brand-new-one')).toBe(429);
    await admin.put(`${USERS}pass`, { password: 'forgiven-now' });
    expect(await logsIn('pass', 'forgiven-now')).toBe(200);
    expect((await admin.put(`${USERS}pass`, { password: 'short' })).both).toEqual(
      rule('Invalid password, password must be at least 8 characters and contain no whitespace.'),
    );
  });

  it('gives another address, which is proven by that', async () => {
    await create('mail', 'mail@example.com');
    const changed = await admin.put(`${USERS}mail`, { email: 'other@example.com' });
    expect(changed.both).toEqual([200, user('mail', { email: 'other@example.com' })]);
    expect((await admin.put(`${USERS}mail`, { email: 'same@example.com' })).both).toEqual(
      rule('E-mail address already used'),
    );
    expect((await create('heir', 'mail@example.com')).status).toBe(200);
  });

  it('disables and enables; the answer shows how it was before', async () => {
    const { password } = (await create('switch')).json<{ password: string }>();
    expect((await admin.put(`${USERS}switch`, { enabled: false })).body).toMatchObject({ enabled: true });
    expect((await admin.get(`${USERS}switch`)).body).toMatchObject({ enabled: false });
    expect(await logsIn('switch', password)).toBe(401);
    expect((await admin.put(`${USERS}switch`, { enabled: true })).body).toMatchObject({ enabled: false });
    expect(await logsIn('switch', password)).toBe(200);
  });

  it('changes nothing where nothing is said, and nobody who is not there', async () => {
    expect((await admin.put(`${USERS}switch`, {})).both).toEqual([200, user('switch', { email: expect.any(String) })]);
    expect((await admin.put(`${USERS}nobody`, {})).status).toBe(404);
    expect((await admin.put(`${USERS}switch`, { enabled: 'yes' })).both).toEqual(
      request("'yes' is not of type 'boolean'"),
    );
  });
});

describe('superusers', () => {
  it('are above what superusers do', async () => {
    expect((await admin.put(`${USERS}quayadmin`, { enabled: false })).both).toEqual(
      request('Cannot update a superuser'),
    );
    expect((await admin.delete(`${USERS}quayadmin`)).both).toEqual(request('Cannot delete a superuser'));
  });

  it('who only read are shown as such, and may be changed', async () => {
    await create('auditor');
    expect((await admin.get(`${USERS}auditor`)).body).toMatchObject({
      ...{ super_user: false, global_readonly_super_user: true },
    });
    expect((await admin.put(`${USERS}auditor`, { password: PASSWORD })).status).toBe(200);
  });
});

describe('deleting a user', () => {
  it('takes what he has with him, and frees his name', async () => {
    const { password } = (await create('leaver', 'leaver@example.com')).json<{ password: string }>();
    const leaver = await ApiClient.signedIn(registry, 'leaver', password);
    expect((await leaver.post('/api/v1/organization/', { name: 'his-own' })).status).toBe(201);
    expect((await admin.delete(`${USERS}leaver`)).status).toBe(204);
    expect(await logsIn('leaver', password)).toBe(401);
    expect((await admin.delete(`${USERS}leaver`)).status).toBe(404);
    expect((await create('leaver', 'leaver@example.com')).status).toBe(200);
  });
});

it('without mail nobody sends recovery mail', async () => {
  expect((await admin.post('/api/v1/superusers/users/plain/sendrecovery')).status).toBe(404);
});

describe('with mail', () => {
  let smtp: SmtpServer;
  let mailing: { readonly registry: RegistryProcess; readonly admin: ApiClient };
  beforeAll(async () => {
    smtp = await SmtpServer.start();
    mailing = await withFirstAccount({
      ...{ MAIL_SERVER: 'localhost', MAIL_PORT: String(smtp.port), MAIL_USE_TLS: 'false' },
      REGISTRY_TITLE_SHORT: 'Harbour',
    });
  });
  afterAll(async () => {
    await mailing.registry.stop();
    await smtp.stop();
  });

  it('a new user confirms his address before he signs in', async () => {
    const made = await mailing.admin.post(USERS, { username: 'newuser', email: 'newuser@example.com' });
    expect(made.status).toBe(200);
    expect((await mailing.admin.get(`${USERS}newuser`)).body).toMatchObject({ verified: false });
    const [delivery] = await smtp.deliveries(1);
    expect(delivery?.to).toEqual(['newuser@example.com']);
    const { subject, parts } = readMail(delivery?.source ?? '');
    expect(subject).toBe('[Harbour] Please confirm your e-mail address');
    expect(parts[0]?.text).toContain(`${mailing.registry.url}/confirm?code=`);
    const { password } = made.json<{ password: string }>();
    const signIn = await new ApiClient(mailing.registry).post('/api/v1/signin', { username: 'newuser', password });
    expect(signIn.both).toEqual([403, expect.objectContaining({ needsEmailVerification: true })]);
  });

  it('a new user needs an address', async () => {
    expect((await mailing.admin.post(USERS, { username: 'other' })).both).toEqual(rule('Invalid email address: None'));
    expect((await mailing.admin.post(USERS, { username: 'other', email: '' })).both).toEqual(
      rule('Invalid email address: None'),
    );
  });

  it('an address that a superuser gives needs no confirmation', async () => {
    await mailing.admin.put(`${USERS}newuser`, { email: 'changed@example.com' });
    expect((await mailing.admin.get(`${USERS}newuser`)).body).toMatchObject({
      ...{ email: 'changed@example.com', verified: true },
    });
  });

  it('somebody is helped who forgot his password', async () => {
    const before = smtp.taken.length;
    const sent = await mailing.admin.send('POST', '/api/v1/superusers/users/newuser/sendrecovery');
    expect(sent.both).toEqual([200, { email: 'changed@example.com' }]);
    const delivery = (await smtp.deliveries(before + 1)).at(-1);
    const { subject, parts } = readMail(delivery?.source ?? '');
    expect([delivery?.to, subject]).toEqual([['changed@example.com'], '[Harbour] Account recovery']);
    expect(parts[0]?.text).toContain(`${mailing.registry.url}/recovery?code=`);
  });

  it('superusers help themselves, and nobody helps nobody', async () => {
    expect((await mailing.admin.post('/api/v1/superusers/users/quayadmin/sendrecovery')).both).toEqual(
      request('Cannot send a recovery email for a superuser'),
    );
    expect((await mailing.admin.post('/api/v1/superusers/users/nobody/sendrecovery')).status).toBe(404);
  });

  it('says so when the mail server is away', async () => {
    await smtp.stop();
    expect((await mailing.admin.post('/api/v1/superusers/users/newuser/sendrecovery')).both).toEqual(
      rule('Could not send email. Please contact an administrator and report this problem.'),
    );
  });
});

it('where mail is on and there is no mail server, nobody is made who could never sign in', async () => {
  const { registry: silent, admin: its } = await withFirstAccount();
  try {
    expect((await its.post(USERS, { username: 'newuser', email: 'newuser@example.com' })).both).toEqual(
      rule('Could not send email. Please contact an administrator and report this problem.'),
    );
    expect((await its.get(`${USERS}newuser`)).status).toBe(404);
  } finally {
    await silent.stop();
  }
});

it('where people are kept elsewhere, they are made and changed there', async () => {
  const { registry: other, admin: its } = await withFirstAccount({
    ...{ AUTHENTICATION_TYPE: 'AppToken', FEATURE_DIRECT_LOGIN: 'false', FEATURE_GITHUB_LOGIN: 'true' },
    GITHUB_LOGIN_CONFIG: '{"CLIENT_ID": "id", "CLIENT_SECRET": "secret"}',
  });
  try {
    await other.createUser('ada', { email: 'ada@example.com' });
    expect((await its.post(USERS, { username: 'newuser' })).both).toEqual(
      request('Cannot create a user in a non-database auth system'),
    );
    expect((await its.put(`${USERS}ada`, { password: PASSWORD })).both).toEqual(
      request('Cannot change password in non-database auth'),
    );
    expect((await its.put(`${USERS}ada`, { email: 'new@example.com' })).status).toBe(200);
    expect((await its.post('/api/v1/superusers/users/ada/sendrecovery')).both).toEqual(
      request('Cannot send a recovery e-mail for non-database auth'),
    );
  } finally {
    await other.stop();
  }
});
