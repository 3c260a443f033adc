import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let anybody: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start({
    FEATURE_MAILING: 'false',
    FEATURE_USER_RENAME: 'true',
    FEATURE_USER_METADATA: 'true',
    SUPER_USERS: 'boss,chief',
    GLOBAL_READONLY_SUPER_USERS: 'auditor',
  });
  anybody = new ApiClient(registry);
  await registry.createUser('ada', { email: 'ada@example.org' });
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** A browser that nobody has used yet. */
const signIn = (username: string, password: string) =>
  new ApiClient(registry).post('/api/v1/signin', { username, password });
const signedIn = (name: string, password = PASSWORD) => ApiClient.signedIn(registry, name, password);
const mayLogIn = async (name: string, password: string): Promise<boolean> =>
  (await new V2Client(registry, name, password).requestToken([])).status === 200;
const problem = (detail: string) => ({ detail, error_type: 'invalid_request' });

describe('whoever asks who he is', () => {
  it('is told that nobody is signed in', async () => {
    expect((await anybody.get('/api/v1/user/')).both).toMatchObject([
      401,
      { detail: 'Requires authentication', error_type: 'invalid_token', session_required: false },
    ]);
  });

  it('sees all that is known of himself', async () => {
    const { status, body } = await (await signedIn('ada')).get('/api/v1/user/');
    expect(status).toBe(200);
    expect(body).toEqual({
      anonymous: false,
      username: 'ada',
      avatar: expect.objectContaining({ name: 'ada', kind: 'user' }),
      ...{ can_create_repo: true, is_me: true, verified: true, email: 'ada@example.org', logins: [] },
      ...{ invoice_email: false, invoice_email_address: null, preferred_namespace: false, is_free_account: true },
      ...{ tag_expiration_s: 1_209_600, prompts: ['enter_name', 'enter_company'], has_password_set: true },
      ...{ company: null, family_name: null, given_name: null, location: null, organizations: [] },
    });
  });

  it('has something in place of an address that he does not have, always the same', async () => {
    await registry.createUser('noaddress');
    const client = await signedIn('noaddress');
    const [one, other] = [await client.get('/api/v1/user/'), await client.get('/api/v1/user/')];
    const { email } = one.json<{ email: string }>();
    expect(email).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other.json()).toMatchObject({ email });
  });
});

describe('whoever asks who somebody else is', () => {
  it('sees his name and his picture', async () => {
    const { status, body } = await anybody.get('/api/v1/users/ada');
    expect(status).toBe(200);
    expect(body).toEqual({
      anonymous: false,
      username: 'ada',
      avatar: {
        name: 'ada',
        kind: 'user',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        color: expect.stringMatching(/^#[0-9a-f]{6}$/),
      },
    });
    await registry.createUser('bob');
    expect((await (await signedIn('bob')).get('/api/v1/users/ada')).body).toEqual(body);
  });

  it('learns that nobody has that name', async () => {
    expect((await anybody.get('/api/v1/users/nobody')).both).toMatchObject([
      404,
      { message: expect.stringContaining('The requested URL was not found') },
    ]);
  });

  it('and administers the registry sees whether it is he himself', async () => {
    for (const name of ['boss', 'auditor']) await registry.createUser(name);
    const [boss, auditor] = [await signedIn('boss'), await signedIn('auditor')];
    expect((await boss.get('/api/v1/user/')).body).toMatchObject({ super_user: true });
    expect((await boss.get('/api/v1/users/ada')).body).toMatchObject({ super_user: false });
    expect((await auditor.get('/api/v1/user/')).body).toMatchObject({ global_readonly_super_user: true });
    expect((await auditor.get('/api/v1/users/ada')).body).toMatchObject({ global_readonly_super_user: false });
    expect((await auditor.get('/api/v1/user/')).body).not.toHaveProperty('super_user');
  });
});

describe('whoever changes himself', () => {
  it('tells more of himself, and is not asked again', async () => {
    await registry.createUser('carl');
    const carl = await signedIn('carl');
    const told = { given_name: 'Carl', family_name: 'Gauss', company: 'Göttingen' };
    expect((await carl.put('/api/v1/user/', told)).both).toMatchObject([200, { ...told, location: null, prompts: [] }]);
    const changed = await carl.put('/api/v1/user/', { company: null, location: 'Göttingen' });
    expect(changed.body).toMatchObject({ given_name: 'Carl', company: null, location: 'Göttingen' });
  });

  it('sets how far back his tags go, to one of the choices', async () => {
    const ada = await signedIn('ada');
    expect((await ada.put('/api/v1/user/', { tag_expiration_s: 86_400 })).body).toMatchObject({
      tag_expiration_s: 86_400,
    });
    expect((await ada.put('/api/v1/user/', { tag_expiration_s: 1 })).both).toEqual([
      400,
      { message: 'Invalid tag expiration option' },
    ]);
  });

  it('sets where invoices go', async () => {
    const ada = await signedIn('ada');
    const invoicing = { invoice_email: true, invoice_email_address: 'bills@example.org' };
    expect((await ada.put('/api/v1/user/', invoicing)).body).toMatchObject(invoicing);
    expect((await ada.put('/api/v1/user/', { invoice_email_address: '' })).body).toMatchObject({
      invoice_email: true,
      invoice_email_address: null,
    });
  });

  it('has his new address at once where no mail is sent, unless another has it', async () => {
    await registry.createUser('dora', { email: 'dora@example.org' });
    const dora = await signedIn('dora');
    expect((await dora.put('/api/v1/user/', { email: 'ADA@example.org' })).both).toMatchObject([
      400,
      problem('E-mail address already used'),
    ]);
    expect((await dora.put('/api/v1/user/', { email: 'dora@example.com' })).body).toMatchObject({
      email: 'dora@example.com',
    });
    expect((await signIn('dora@example.com', PASSWORD)).status).toBe(200);
  });

  it('is refused what is not of the right kind', async () => {
    const ada = await signedIn('ada');
    expect((await ada.put('/api/v1/user/', { tag_expiration_s: -1 })).both).toMatchObject([
      400,
      problem('-1 is less than the minimum of 0'),
    ]);
    expect((await ada.put('/api/v1/user/', { email: null })).both).toMatchObject([
      400,
      problem("None is not of type 'string'"),
    ]);
    expect((await anybody.put('/api/v1/user/', {})).both).toMatchObject([401, { error_type: 'invalid_token' }]);
  });

  it('has a new password, which ends all sessions but this one', async () => {
    await registry.createUser('eve', { email: 'eve@example.org' });
    const [here, there] = [await signedIn('eve'), await signedIn('eve')];
    expect((await here.put('/api/v1/user/', { password: 'short' })).both).toMatchObject([
      400,
      problem('Invalid password, password must be at least 8 characters and contain no whitespace.'),
    ]);
    const changed = await here.put('/api/v1/user/', { password: 'long-enough' });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('x-next-csrf-token')).toMatch(/^[\w-]{64}$/);
    expect((await here.get('/api/v1/user/')).status).toBe(200);
    expect((await there.get('/api/v1/user/')).status).toBe(401);
    expect(await mayLogIn('eve', PASSWORD)).toBe(false);
  });

  it('may come in with his new password though somebody guessed at the old one', async () => {
    await registry.createUser('finn');
    const finn = await signedIn('finn');
    for (let guess = 0; guess < 2; guess++) await signIn('finn', 'x');
    expect((await signIn('finn', PASSWORD)).status).toBe(429);
    await finn.put('/api/v1/user/', { password: 'long-enough' });
    expect((await signIn('finn', 'long-enough')).status).toBe(200);
  });

  it('has a new name, and his robots and repositories with him', async () => {
    await registry.createUser('gina');
    const gina = await signedIn('gina');
    await pushImage(new V2Client(registry, 'gina').repository('gina/app'), 'v1');
    const { token } = (await gina.put('/api/v1/user/robots/ci', {})).json<{ token: string }>();
    expect((await gina.put('/api/v1/user/', { username: 'ada' })).both).toMatchObject([
      400,
      problem('Username is already in use'),
    ]);
    for (const name of ['boss', 'chief', 'auditor']) {
      expect((await gina.put('/api/v1/user/', { username: name })).both).toMatchObject([
        400,
        problem('Username is already in use'),
      ]);
    }
    expect((await gina.put('/api/v1/user/', { username: 'Gina!' })).both).toMatchObject([
      400,
      { message: expect.stringMatching(/^Invalid username Gina!: Namespace must match expression/) },
    ]);
    expect((await gina.put('/api/v1/user/', { username: 'regina' })).both).toMatchObject([200, { username: 'regina' }]);
    expect((await anybody.get('/api/v1/users/gina')).status).toBe(404);
    expect((await anybody.get('/api/v1/users/regina')).status).toBe(200);
    expect(await mayLogIn('regina', PASSWORD)).toBe(true);
    expect(await mayLogIn('regina+ci', token)).toBe(true);
    const regina = new V2Client(registry, 'regina');
    expect((await regina.repository('regina/app').get('manifests/v1')).status).toBe(200);
    expect((await regina.repository('gina/app').get('manifests/v1')).status).not.toBe(200);
    expect(await mayLogIn('gina', PASSWORD)).toBe(false);
  });
});

describe('whoever deletes himself', () => {
  it('is gone, and his name is free', async () => {
    await registry.createUser('hugo', { email: 'hugo@example.org' });
    const hugo = await signedIn('hugo');
    const answer = await hugo.delete('/api/v1/user/');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await hugo.get('/api/v1/user/')).status).toBe(401);
    expect((await anybody.get('/api/v1/users/hugo')).status).toBe(404);
    await registry.createUser('hugo', { email: 'hugo@example.org', password: 'of-another' });
    expect((await signIn('hugo', 'of-another')).status).toBe(200);
    expect(await mayLogIn('hugo', PASSWORD)).toBe(false);
  });

  it('is signed in', async () => {
    expect((await anybody.delete('/api/v1/user/')).status).toBe(401);
  });
});

describe('whoever becomes an organization', () => {
  it('names somebody else who administers it, and is signed in as him', async () => {
    for (const name of ['ivan', 'jane']) await registry.createUser(name);
    const ivan = await signedIn('ivan');
    const invalid = (detail: string) => [400, { ...problem(detail), reason: 'invaliduser' }];
    const convert = (adminUser: string, adminPassword: string) =>
      ivan.post('/api/v1/user/convert', { adminUser, adminPassword });
    expect((await convert('jane', 'not-hers')).both).toMatchObject(invalid('The admin user credentials are not valid'));
    expect((await convert('ivan', PASSWORD)).both).toMatchObject(invalid('The admin user is not valid'));
    const other = await signedIn('ivan');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await convert('jane', PASSWORD)).both).toEqual([200, { success: true }]);
    expect((await ivan.get('/api/v1/user/')).body).toMatchObject({
      username: 'jane',
      organizations: [{ name: 'ivan', is_org_admin: true, can_create_repo: true, public: false }],
    });
    expect((await other.get('/api/v1/user/')).status).toBe(401);
    expect((await anybody.get('/api/v1/users/ivan')).status).toBe(404);
    expect(await mayLogIn('ivan', PASSWORD)).toBe(false);
  });

  it('cannot leave it without an administrator', async () => {
    const jane = await signedIn('jane');
    expect((await jane.delete('/api/v1/user/')).both).toEqual([
      400,
      { message: 'Cannot delete jane as you are the only admin for organizations: ivan' },
    ]);
  });
});
