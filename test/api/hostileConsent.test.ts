import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { createApplication, createOrganization, type Application } from '../support/applications.js';
import { agree, formsOf, handedOver, pathWith, submit } from '../support/consent.js';
import { RegistryProcess } from '../support/registry.js';

const HOME = 'https://app.example.com/callback';
const SCRIPT = `"><script>alert(document.cookie)</script><img src=x onerror='alert(1)'>`;

let registry: RegistryProcess;
let admin: ApiClient;
let victim: ApiClient;
let application: Application;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  for (const name of ['admin', 'victim']) await registry.createUser(name);
  [admin, victim] = [await ApiClient.signedIn(registry, 'admin'), await ApiClient.signedIn(registry, 'victim')];
  await createOrganization(admin, 'acme');
  application = await createApplication(admin, 'acme', { name: 'app', redirect_uri: HOME });
});
afterAll(() => registry.stop());

const asked = (changes: { readonly [name: string]: string } = {}) => ({
  ...{ response_type: 'token', client_id: application.client_id, redirect_uri: HOME, scope: 'repo:read' },
  ...changes,
});

/** Every script and style of a page is one that its policy names, and its markup holds nothing that was sent. */
function expectHarmless({ text, headers }: ApiAnswer): void {
  expect(text).not.toContain('<script>alert');
  expect(text).not.toContain('<img');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toContain('unsafe');
  for (const [, , content = ''] of text.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)) {
    expect(policy).toContain(`'sha256-${hash('sha256', content, 'base64')}'`);
  }
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
}

describe('what an application says of itself', () => {
  it('is text on the page, and comes back as it was', async () => {
    const nasty = await createApplication(admin, 'acme', {
      ...{ name: SCRIPT, description: SCRIPT, redirect_uri: HOME },
      application_uri: `javascript:alert(1)//${SCRIPT}`,
    });
    const page = await admin.get(
      pathWith('/oauth/authorize', asked({ client_id: nasty.client_id, state: SCRIPT, assignment_uuid: SCRIPT })),
    );
    expect(page.status).toBe(200);
    expectHarmless(page);
    expect(page.text).not.toContain('href=');
    const [form] = formsOf(page);
    expect(form?.fields).toMatchObject({ state: SCRIPT, assignment_uuid: SCRIPT, client_id: nasty.client_id });
    const sent = handedOver(await submit(admin, form ?? { action: '', fields: {} }));
    expect(sent).toMatchObject({ to: HOME, query: { scope: 'repo:read', state: SCRIPT } });
  });

  it('is text in JSON, too, avatars included', async () => {
    const nasty = await createApplication(admin, 'acme', { name: SCRIPT, redirect_uri: HOME });
    const answer = await admin.get(
      pathWith('/oauth/authorize', { ...asked({ client_id: nasty.client_id, state: SCRIPT }), format: 'json' }),
    );
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const said = answer.json<{ application: { avatar: string; organization: { avatar: string } } }>();
    expect(said).toEqual({
      scopes: [expect.objectContaining({ scope: 'repo:read', dangerous: false })],
      has_dangerous_scopes: false,
      application: {
        ...{ name: SCRIPT, description: '', url: '', avatar: expect.any(String) },
        organization: { name: 'acme', avatar: expect.any(String) },
      },
      ...{ response_type: 'token', client_id: nasty.client_id, redirect_uri: HOME, scope: 'repo:read' },
      ...{ csrf_token_val: expect.any(String), state: SCRIPT, assignment_uuid: null },
    });
    expect(JSON.parse(said.application.avatar)).toMatchObject({ name: SCRIPT, kind: 'app' });
    expect(JSON.parse(said.application.organization.avatar)).toMatchObject({ name: 'acme', kind: 'org' });
  });
});

describe('the pages', () => {
  it.each([
    ['/oauth/authorize?client_id=UNKNOWN&redirect_uri=https://x.example.com&scope=repo:read', 404],
    [`/oauth/localapp?scope=repo:read&state=${encodeURIComponent(SCRIPT)}`, 200],
    ['/oauth/localapp?error=access_denied', 200],
  ])('at %s hold nothing that was sent', async (path, status) => {
    const page = await admin.get(path);
    expect(page.status).toBe(status);
    expectHarmless(page);
  });

  it('are for people who are signed in', async () => {
    const nobody = new ApiClient(registry);
    for (const path of [pathWith('/oauth/authorize', asked()), '/oauth/localapp?scope=repo:read']) {
      const page = await nobody.get(path);
      expect(page.status).toBe(401);
      expectHarmless(page);
    }
  });

  it('are not for tokens: none grants another one', async () => {
    const { fragment } = handedOver(await agree(admin, asked({ scope: 'user:admin org:admin' })));
    const program = new ApiClient(registry, fragment['access_token']);
    expect((await program.get(pathWith('/oauth/authorize', asked()))).status).toBe(401);
  });
});

describe('nobody is sent', () => {
  const tricks = [
    'https://evil.example.com/callback',
    'https://app.example.com.evil.example.com/callback',
    'https://app.example.com@evil.example.com/callback',
    'https://app.example.com\\@evil.example.com/callback',
    'https://app.example.com:444/callback',
    'http://app.example.com/callback',
    '//evil.example.com/callback',
    'https://app.example.com/callback/../../evil',
    'https://app.example.com/callback/%2e%2e/evil',
    'https://app.example.com/callback#access_token=mine',
    'https://app.example.com/callback?code=mine',
    'https://app.example.com/callback\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
  ];

  it.each(tricks)('to %j, whatever he agrees to', async (redirectUri) => {
    const mismatched = handedOver(
      await admin.get(pathWith('/oauth/authorize', asked({ redirect_uri: redirectUri, scope: 'repo:admin' }))),
    );
    expect(mismatched).toEqual({ to: HOME, query: { error: 'redirect_uri_mismatch' }, fragment: {} });
    const [form] = formsOf(await admin.get(pathWith('/oauth/authorize', asked({ scope: 'repo:create' }))));
    for (const action of ['/oauth/authorizeapp', '/oauth/denyapp']) {
      for (const type of ['token', 'code', 'nonsense']) {
        const fields = { ...form?.fields, redirect_uri: redirectUri, response_type: type };
        expect((await submit(admin, { action, fields })).both).toEqual([400, { error: 'invalid_request' }]);
      }
    }
  });

  it('anywhere by an application that does not exist, nor by one that has no address', async () => {
    const [form] = formsOf(await admin.get(pathWith('/oauth/authorize', asked({ scope: 'repo:create' }))));
    const unknown = { ...form?.fields, client_id: 'UNKNOWN' };
    for (const action of ['/oauth/authorizeapp', '/oauth/denyapp']) {
      expect((await submit(admin, { action, fields: unknown })).both).toEqual([400, { error: 'invalid_request' }]);
    }
    const homeless = await createApplication(admin, 'acme', { name: 'homeless' });
    const page = await admin.get(pathWith('/oauth/authorize', asked({ client_id: homeless.client_id })));
    expect(page.both).toEqual([400, { error: 'invalid_request' }]);
  });

  it('to an address that only looks like one, though it is registered', async () => {
    for (const registered of ['javascript://app.example.com/%0aalert(1)', 'data://x/', 'not an address']) {
      const odd = await createApplication(admin, 'acme', { name: 'odd', redirect_uri: registered });
      for (const redirectUri of [registered, HOME]) {
        const page = await admin.get(
          pathWith('/oauth/authorize', asked({ client_id: odd.client_id, redirect_uri: redirectUri })),
        );
        expect(page.both).toEqual([400, { error: 'invalid_request' }]);
      }
    }
  });

  it('back with a token for what he could not give', async () => {
    const [form] = formsOf(await admin.get(pathWith('/oauth/authorize', asked({ scope: 'repo:create' }))));
    const answered = async (changes: { readonly [name: string]: string }) =>
      handedOver(await submit(admin, { action: '/oauth/authorizeapp', fields: { ...form?.fields, ...changes } }));
    expect(await answered({ scope: 'repo:nuke', state: 'kept' })).toEqual({
      ...{ to: HOME, query: { error: 'invalid_scope', state: 'kept' }, fragment: {} },
    });
    expect(await answered({ response_type: 'password' })).toMatchObject({
      query: { error: 'unsupported_response_type' },
    });
    const csrf = (await victim.get('/csrf_token')).json<{ csrf_token: string }>().csrf_token;
    const his = { ...form?.fields, _csrf_token: csrf };
    expect(handedOver(await submit(victim, { action: '/oauth/authorizeapp', fields: his }))).toMatchObject({
      query: { error: 'access_denied' },
    });
  });
});

it('an assignment gives no more than it says, to nobody else, and once', async () => {
  await registry.createUser('other');
  const other = await ApiClient.signedIn(registry, 'other');
  await admin.post(pathWith('/oauth/authorize/assignuser', asked({ username: 'victim', scope: 'repo:read' })));
  const list = (await victim.get('/api/v1/user/assignedauthorization')).json<{ authorizations: { uuid: string }[] }>();
  const assignment_uuid = list.authorizations[0]?.uuid ?? '';
  const more = await victim.get(
    pathWith('/oauth/authorize', asked({ assignment_uuid, scope: 'repo:admin org:admin' })),
  );
  expect(more.status).toBe(403);
  expect((await other.get(pathWith('/oauth/authorize', asked({ assignment_uuid })))).status).toBe(403);
  const code = await victim.get(pathWith('/oauth/authorize', asked({ assignment_uuid, response_type: 'code' })));
  expect(code.status).toBe(400);
  const [form] = formsOf(await victim.get(pathWith('/oauth/authorize', asked({ assignment_uuid }))));
  const once = await Promise.all(Array.from({ length: 5 }, () => submit(victim, form ?? { action: '', fields: {} })));
  expect(once.filter((answer) => handedOver(answer).fragment['access_token'] !== undefined)).toHaveLength(1);
  expect(once.filter((answer) => handedOver(answer).query['error'] === 'access_denied')).toHaveLength(4);
});

it('parameters that are missing, doubled or endless are refused in words', async () => {
  for (const name of ['client_id', 'redirect_uri', 'scope'] as const) {
    const { [name]: _, ...rest } = asked();
    const missing = await admin.get(pathWith('/oauth/authorize', rest));
    expect(missing.both).toEqual([400, { error: `Required param: ${name}` }]);
  }
  const twice = `${pathWith('/oauth/authorize', asked({ scope: 'repo:create' }))}&redirect_uri=https://evil.example.com/`;
  expect(formsOf(await admin.get(twice))[0]?.fields).toMatchObject({ redirect_uri: HOME });
  const endless = await admin.get(pathWith('/oauth/authorize', asked({ state: 'x'.repeat(5_000) })));
  expect(endless.status).toBe(400);
  const flood = await admin.send('POST', '/oauth/authorizeapp', {
    body: `state=${'x'.repeat(100_000)}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  expect(flood.status).toBe(413);
});

it('while the registry is read-only nothing is granted', async () => {
  const [form] = formsOf(await admin.get(pathWith('/oauth/authorize', asked({ scope: 'repo:create' }))));
  await registry.restart('SIGTERM', { REGISTRY_STATE: 'readonly' });
  const refused = await submit(admin, form ?? { action: '', fields: {} });
  expect(refused.both).toEqual([503, expect.objectContaining({ is_readonly: true })]);
});
