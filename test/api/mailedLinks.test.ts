import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { readMail } from '../support/mime.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { SmtpServer } from '../support/smtpServer.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let post: SmtpServer;
let read = 0;

beforeAll(async () => {
  post = await SmtpServer.start({ refused: ['away@example.org'] });
  registry = await RegistryProcess.start({
    ...{ MAIL_SERVER: 'localhost', MAIL_PORT: String(post.port), MAIL_USE_TLS: 'false' },
    ...{ REGISTRY_TITLE_SHORT: 'Harbour', SUPER_USERS: 'boss' },
    ...{ FEATURE_BLACKLISTED_EMAILS: 'true', BLACKLISTED_EMAIL_DOMAINS: '["spam.example"]' },
  });
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
  await post.stop();
});

const browser = () => new ApiClient(registry);
const signIn = (username: string, password: string) => browser().post('/api/v1/signin', { username, password });
const signUp = (client: ApiClient, body: object) => client.post('/api/v1/user/', body);
const problem = (detail: string) => [400, { detail, error_type: 'invalid_request' }];

/** The next mail that arrives: to whom, about what, and the paths of this registry that it leads to. */
async function nextMail(): Promise<{ to: readonly string[]; subject: string; text: string; links: string[] }> {
  const delivery = (await post.deliveries(++read))[read - 1];
  const { subject, parts } = readMail(delivery?.source ?? '');
  const text = parts[0]?.text ?? '';
  const links = [...text.matchAll(/^(http\S+)$/gm)].map(([, url = '']) => url.replace(registry.url, ''));
  return { to: delivery?.to ?? [], subject, text, links };
}

/** Where a link leads to, as a browser sees it. */
const followed = ({ status, headers }: ApiAnswer) => [status, headers.get('location')];

describe('somebody who makes himself an account', () => {
  it('proves by mail that the address is his before he may sign in', async () => {
    const ada = browser();
    const made = await signUp(ada, { username: 'ada', password: PASSWORD, email: 'ada@example.org' });
    expect(made.both).toEqual([200, { awaiting_verification: true }]);
    expect((await signIn('ada', PASSWORD)).both).toEqual([
      403,
      { needsEmailVerification: true, invalidCredentials: false, message: null },
    ]);
    expect((await new V2Client(registry, 'ada').requestToken([])).status).toBe(401);
    const { to, subject, links } = await nextMail();
    expect([to, subject]).toEqual([['ada@example.org'], '[Harbour] Please confirm your e-mail address']);
    const [link = ''] = links;
    expect(link).toMatch(/^\/confirm\?code=/);
    expect(followed(await ada.get(link))).toEqual([302, '/']);
    expect((await ada.get('/api/v1/user/')).body).toMatchObject({ username: 'ada', verified: true });
    expect((await signIn('ada', PASSWORD)).status).toBe(200);
    const again = await browser().get(link);
    expect(again.status).toBe(200);
    expect(again.text).toContain('Invalid email confirmation code');
  });

  it.each([
    ['a name that is taken', { username: 'ada' }, 'The username already exists'],
    ['a name that gives rights', { username: 'boss' }, 'The username already exists'],
    ['no address', { email: undefined }, 'Email address is required'],
    ['an address that is taken', { email: 'ADA@example.org' }, 'Email has already been used: ADA@example.org'],
    ['an address that is none', { email: 'nowhere' }, 'Invalid email address: nowhere'],
    [
      'an address of whom nobody wants',
      { email: 'me@mail.spam.example' },
      'Creation of a user account for this e-mail is disabled; please contact an administrator',
    ],
    [
      'a password that is too short',
      { password: 'short' },
      'Invalid password, password must be at least 8 characters and contain no whitespace.',
    ],
    [
      'a name that is none',
      { username: 'No Name' },
      'Invalid namespace No Name: Namespace must match expression ^([a-z0-9]+(?:[._-][a-z0-9]+)*)$',
    ],
  ])('is refused %s', async (_, changes, detail) => {
    const body = { username: 'newcomer', password: PASSWORD, email: 'newcomer@example.org', ...changes };
    expect((await signUp(browser(), body)).both).toMatchObject(problem(detail));
  });

  it('learns when the mail cannot be sent', async () => {
    const answer = await signUp(browser(), { username: 'away', password: PASSWORD, email: 'away@example.org' });
    expect(answer.both).toEqual([
      400,
      { message: 'Could not send email. Please contact an administrator and report this problem.' },
    ]);
  });
});

describe('somebody who was invited to a team by mail', () => {
  let code = '';

  beforeAll(async () => {
    await registry.createUser('owner');
    const owner = await ApiClient.signedIn(registry, 'owner');
    await owner.post('/api/v1/organization/', { name: 'acme' });
    for (const address of ['guest@example.org', 'late@example.org']) {
      await owner.put(`/api/v1/organization/acme/team/owners/invite/${address}`);
    }
    const { to, links } = await nextMail();
    expect(to).toEqual(['guest@example.org']);
    code = new URL(links[0] ?? '', registry.url).searchParams.get('code') ?? '';
  });

  it('has proven by the code that the address is his, and is signed in at once', async () => {
    const guest = browser();
    const body = { username: 'guest', password: PASSWORD, email: 'guest@example.org', invite_code: code };
    const made = await signUp(guest, body);
    expect(made.both).toMatchObject([200, { username: 'guest', verified: true, is_me: true }]);
    expect(made.headers.get('x-next-csrf-token')).not.toBeNull();
    expect((await guest.get('/api/v1/user/')).body).toMatchObject({ username: 'guest', organizations: [] });
  });

  it('has proven it also when he signs in with the code for the first time', async () => {
    const { links } = await nextMail();
    const late = new URL(links[0] ?? '', registry.url).searchParams.get('code') ?? '';
    await signUp(browser(), { username: 'late', password: PASSWORD, email: 'late@example.org' });
    await nextMail();
    const comeIn = (invite: string) =>
      browser().post('/api/v1/signin', { username: 'late', password: PASSWORD, invite_code: invite });
    expect((await comeIn(code)).body).toMatchObject({ needsEmailVerification: true });
    expect((await comeIn(late)).status).toBe(200);
  });

  it('has proven nothing of another address', async () => {
    const body = { username: 'thief', password: PASSWORD, email: 'thief@example.org', invite_code: code };
    expect((await signUp(browser(), body)).body).toEqual({ awaiting_verification: true });
    expect((await nextMail()).to).toEqual(['thief@example.org']);
  });
});

describe('somebody who changes his address', () => {
  it('has the new one when its owner has confirmed it, and the old one is told', async () => {
    await registry.createUser('bob', { email: 'bob@example.org' });
    const bob = await ApiClient.signedIn(registry, 'bob');
    expect((await bob.put('/api/v1/user/', { email: 'bob' })).both).toEqual([
      400,
      { message: 'Invalid email address: bob' },
    ]);
    expect((await bob.put('/api/v1/user/', { email: 'ada@example.org' })).both).toMatchObject(
      problem('E-mail address already used'),
    );
    const asked = await bob.put('/api/v1/user/', { email: 'bob@example.com' });
    expect(asked.body).toMatchObject({ email: 'bob@example.org' });
    const request = await nextMail();
    expect([request.to, request.subject]).toEqual([['bob@example.com'], '[Harbour] E-mail address change requested']);
    const newBrowser = browser();
    expect(followed(await newBrowser.get(request.links[0] ?? ''))).toEqual([302, '/user/bob?tab=settings']);
    expect((await newBrowser.get('/api/v1/user/')).body).toMatchObject({ email: 'bob@example.com' });
    const notice = await nextMail();
    expect([notice.to, notice.subject]).toEqual([['bob@example.org'], '[Harbour] Account e-mail address changed']);
  });

  it('gets none that was asked for before his new password', async () => {
    await registry.createUser('gwen', { email: 'gwen@example.org' });
    const intruder = await ApiClient.signedIn(registry, 'gwen');
    await intruder.put('/api/v1/user/', { email: 'intruder@example.org' });
    const [link = ''] = (await nextMail()).links;
    const gwen = await ApiClient.signedIn(registry, 'gwen');
    await gwen.put('/api/v1/user/', { password: 'a-new-password' });
    await nextMail();
    const late = browser();
    expect((await late.get(link)).text).toContain('Invalid email confirmation code');
    expect((await late.get('/api/v1/user/')).status).toBe(401);
    expect((await gwen.get('/api/v1/user/')).body).toMatchObject({ email: 'gwen@example.org' });
  });

  it('does not get one that somebody else took meanwhile', async () => {
    const bob = await ApiClient.signedIn(registry, 'bob');
    await bob.put('/api/v1/user/', { email: 'wanted@example.org' });
    const { links } = await nextMail();
    await registry.createUser('quick', { email: 'wanted@example.org' });
    expect((await browser().get(links[0] ?? '')).text).toContain('E-mail address already used');
  });
});

describe('somebody who lost his password', () => {
  const recover = (email: string) => browser().post('/api/v1/recovery', { email });

  it('comes in by a mail, once, and sets a new one', async () => {
    await registry.createUser('carl', { email: 'carl@example.org' });
    const elsewhere = await ApiClient.signedIn(registry, 'carl');
    expect((await recover('Carl@example.org')).both).toEqual([200, { status: 'sent' }]);
    const { to, subject, links } = await nextMail();
    expect([to, subject]).toEqual([['Carl@example.org'], '[Harbour] Account recovery']);
    const [link = ''] = links;
    expect(link).toMatch(/^\/recovery\?code=/);
    const carl = browser();
    expect(followed(await carl.get(link))).toEqual([302, '/user/carl?tab=settings&action=password']);
    expect((await browser().get(link)).text).toContain(
      'Invalid recovery code: This code is invalid or may have already been used.',
    );
    expect((await carl.put('/api/v1/user/', { password: 'a-new-password' })).status).toBe(200);
    expect((await nextMail()).subject).toBe('[Harbour] Account password changed');
    expect((await elsewhere.get('/api/v1/user/')).status).toBe(401);
    expect((await signIn('carl', 'a-new-password')).status).toBe(200);
  });

  it('cannot come in by a mail from before his new password', async () => {
    await registry.createUser('dora', { email: 'dora@example.org' });
    await recover('dora@example.org');
    const [link = ''] = (await nextMail()).links;
    const dora = await ApiClient.signedIn(registry, 'dora');
    await dora.put('/api/v1/user/', { password: 'a-new-password' });
    await nextMail();
    expect((await browser().get(link)).text).toContain('Invalid recovery code');
  });

  it('has proven by the mail that the address is his', async () => {
    await signUp(browser(), { username: 'eve', password: PASSWORD, email: 'eve@example.org' });
    await nextMail();
    await recover('eve@example.org');
    expect(followed(await browser().get((await nextMail()).links[0] ?? ''))[0]).toBe(302);
    expect((await signIn('eve', PASSWORD)).status).toBe(200);
  });

  it('is answered as if there were such an account where there is none, and no mail is sent', async () => {
    const sent = post.taken.length;
    expect((await recover('nobody@example.org')).both).toEqual([200, { status: 'sent' }]);
    expect(post.taken.length).toBe(sent);
  });

  it('learns who administers the organizations with his address', async () => {
    await registry.createUser('finn', { email: 'finn@example.org' });
    await registry.createUser('buynlarge', { email: 'crew@example.org' });
    const company = await ApiClient.signedIn(registry, 'buynlarge');
    const convert = { adminUser: 'finn', adminPassword: PASSWORD };
    expect((await company.post('/api/v1/user/convert', convert)).both).toEqual([200, { success: true }]);
    expect((await recover('crew@example.org')).both).toEqual([
      200,
      { status: 'org', orgemail: 'crew@example.org', orgname: 'bu•••••ge' },
    ]);
    const { subject, text, links } = await nextMail();
    expect(subject).toBe('[Harbour] Account recovery');
    expect(text).toContain('buynlarge: finn');
    expect(links[0]).toBe('/signin/');
  });
});

describe('a link', () => {
  it.each(['/confirm', '/recovery'])('%s without its code is refused', async (path) => {
    expect((await browser().get(path)).status).toBe(400);
    const unknown = await browser().get(`${path}?code=unknown`);
    expect(unknown.status).toBe(200);
    expect(unknown.headers.get('x-frame-options')).toBe('DENY');
  });

  it('to change the password leads to the settings of whoever is signed in', async () => {
    const path = '/.well-known/change-password';
    expect(followed(await (await ApiClient.signedIn(registry, 'finn')).get(path))).toEqual([
      302,
      '/user/finn?tab=settings',
    ]);
    expect((await browser().get(path)).both).toEqual([
      401,
      { error: 'Method requires login and no valid login could be loaded.' },
    ]);
  });
});

describe('where only who is invited may make himself an account', () => {
  it('others are turned away', async () => {
    await registry.restart('SIGTERM', { FEATURE_INVITE_ONLY_USER_CREATION: 'true' });
    const body = { username: 'stranger', password: PASSWORD, email: 'stranger@example.org' };
    expect((await signUp(browser(), body)).both).toMatchObject(problem('Cannot create non-invited user'));
    expect((await signUp(browser(), { ...body, invite_code: 'urn:teaminvite:guessed' })).both).toMatchObject(
      problem('Creation of a user account for this e-mail is disabled; please contact an administrator'),
    );
  });
});

describe('where nobody may make himself an account', () => {
  it('there is no such call', async () => {
    await registry.restart('SIGTERM', { FEATURE_INVITE_ONLY_USER_CREATION: 'false', FEATURE_USER_CREATION: 'false' });
    const body = { username: 'stranger', password: PASSWORD, email: 'stranger@example.org' };
    expect((await signUp(browser(), body)).status).toBe(405);
  });
});
