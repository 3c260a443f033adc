import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { createApplication, createOrganization, type Application } from '../support/applications.js';
import { agree, formsOf, handedOver, pathWith, submit } from '../support/consent.js';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start({ FEATURE_ASSIGN_OAUTH_TOKEN: 'true' });
  for (const name of ['admin', 'anna', 'olga']) await registry.createUser(name, { email: `${name}@example.com` });
});
afterAll(() => registry.stop());

const TEN_YEARS = 315_576_000;
const localPage = () => `${registry.url}/oauth/localapp`;

it('an administrator creates an application, generates a token and uses it on the command line', async () => {
  const admin = await ApiClient.signedIn(registry, 'admin');
  await createOrganization(admin, 'testorg');
  const all = '/api/v1/organization/testorg/applications';
  expect((await admin.get(all)).both).toEqual([200, { applications: [] }]);

  // Create New Application, then its optional details.
  const created = await admin.post(all, { name: 'automation' });
  const view = {
    ...{ name: 'automation', description: '', application_uri: '', redirect_uri: '', avatar_email: null },
    client_id: expect.stringMatching(/^[A-Z0-9]{20}$/),
    client_secret: expect.stringMatching(/^[A-Z0-9]{40}$/),
  };
  expect(created.both).toEqual([200, view]);
  const { client_id: clientId, client_secret: secret } = created.json<Application>();
  const details = {
    ...{ name: 'nightly', description: 'builds at night', application_uri: 'https://ci.example.com' },
    ...{ redirect_uri: 'https://ci.example.com/callback', avatar_email: 'ci@example.com' },
  };
  const changed = await admin.put(`${all}/${clientId}`, details);
  expect(changed.both).toEqual([200, { ...details, client_id: clientId, client_secret: secret }]);
  expect((await admin.get(`${all}/${clientId}`)).body).toEqual(changed.body);
  expect((await admin.get(all)).body).toEqual({ applications: [changed.body] });

  // Generate Token: every box.
  const scope = 'org:admin repo:admin repo:create repo:read repo:write super:user user:admin user:read';
  const asked = { response_type: 'token', client_id: clientId, scope, redirect_uri: localPage(), state: 'mine' };
  const page = await admin.get(pathWith('/oauth/authorize', asked));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
  for (const shown of ['nightly', 'testorg', 'builds at night', 'Administer Organization', 'Super User Access']) {
    expect(page.text).toContain(shown);
  }
  const [authorize, cancel] = formsOf(page);
  expect([authorize?.action, cancel?.action]).toEqual(['/oauth/authorizeapp', '/oauth/denyapp']);

  // Authorize Application.
  const sent = handedOver(await submit(admin, authorize ?? { action: '', fields: {} }));
  expect(sent).toEqual({
    to: localPage(),
    query: { scope, state: 'mine' },
    fragment: {
      ...{ access_token: expect.stringMatching(/^[A-Za-z0-9]{40}$/), token_type: 'Bearer' },
      expires_in: String(TEN_YEARS),
    },
  });
  const landing = await admin.get(pathWith('/oauth/localapp', sent.query));
  expect([landing.status, landing.text.includes('id="token"')]).toEqual([200, true]);

  // curl -X POST -k -d @data.json -H "Authorization: Bearer <access_token>" …
  const token = sent.fragment['access_token'] ?? '';
  const curl = new ApiClient(registry, token);
  expect((await curl.post('/api/v1/organization/', { name: 'testorg1' })).both).toEqual([201, 'Created']);
  expect((await curl.get('/api/v1/user/')).body).toMatchObject({ username: 'admin' });
  expect(registry.output).not.toContain(token);
});

it('who granted as much before is not asked again', async () => {
  const admin = await ApiClient.signedIn(registry, 'admin');
  await createOrganization(admin, 'again');
  const { client_id } = await createApplication(admin, 'again', { name: 'automation' });
  const asked = { response_type: 'token', client_id, scope: 'repo:write user:read', redirect_uri: localPage() };
  handedOver(await agree(admin, asked));
  const less = await admin.get(pathWith('/oauth/authorize', { ...asked, scope: 'repo:read' }));
  expect(handedOver(less)).toMatchObject({ to: localPage(), query: { scope: 'repo:read' } });
  const more = await admin.get(pathWith('/oauth/authorize', { ...asked, scope: 'repo:admin' }));
  expect([more.status, formsOf(more)]).toEqual([200, expect.arrayContaining([expect.anything()])]);
});

it('who changes his mind is sent back without a token', async () => {
  const admin = await ApiClient.signedIn(registry, 'admin');
  await createOrganization(admin, 'undecided');
  const { client_id } = await createApplication(admin, 'undecided', { name: 'automation' });
  const asked = { response_type: 'token', client_id, scope: 'repo:read', redirect_uri: localPage() };
  const [, cancel] = formsOf(await admin.get(pathWith('/oauth/authorize', asked)));
  const sent = handedOver(await submit(admin, cancel ?? { action: '', fields: {} }));
  expect(sent).toEqual({ to: localPage(), query: { error: 'authorization_denied' }, fragment: {} });
  const landing = await admin.get(pathWith('/oauth/localapp', sent.query));
  expect([landing.status, landing.text.includes('Authorization canceled')]).toEqual([200, true]);
  expect((await admin.get(`/api/v1/organization/undecided/applications/${client_id}/tokens`)).body).toEqual({
    tokens: [],
  });
});

describe('a token is reassigned', () => {
  const assign = (owner: ApiClient, asked: { readonly [name: string]: string }) =>
    owner.post(pathWith('/oauth/authorize/assignuser', { response_type: 'token', format: 'json', ...asked }));

  it('to a user who is no administrator: he accepts it, gets the token and is who it acts for', async () => {
    const [admin, anna] = [await ApiClient.signedIn(registry, 'admin'), await ApiClient.signedIn(registry, 'anna')];
    await createOrganization(admin, 'reassigning');
    const { client_id } = await createApplication(admin, 'reassigning', {
      name: 'automation',
      description: 'for anna',
    });
    const asked = { client_id, redirect_uri: localPage(), scope: 'repo:create user:read' };
    const refused = await anna.get(pathWith('/oauth/authorize', { ...asked, response_type: 'token' }));
    expect(refused.status).toBe(403);

    const assigned = await assign(admin, { ...asked, username: 'anna' });
    expect(assigned.both).toEqual([200, { message: 'Token assigned successfully' }]);

    const waiting = async () => (await anna.get('/api/v1/user/notifications')).json<{ notifications: object[] }>();
    expect((await waiting()).notifications).toMatchObject([
      { kind: 'assigned_authorization', metadata: { username: 'anna' } },
    ]);

    // External Logins And Applications, Authorized Applications: who looks at them knows of them.
    const { authorizations } = (await anna.get('/api/v1/user/assignedauthorization')).json<{
      authorizations: { uuid: string }[];
    }>();
    expect(authorizations).toEqual([
      {
        application: {
          ...{ clientId: client_id, name: 'automation', description: 'for anna', url: '' },
          avatar: expect.objectContaining({ name: 'automation', kind: 'app' }),
          organization: { name: 'reassigning', avatar: expect.objectContaining({ kind: 'org' }) },
        },
        scopes: [expect.objectContaining({ scope: 'repo:create' }), expect.objectContaining({ scope: 'user:read' })],
        uuid: expect.any(String),
        redirectUri: localPage(),
        responseType: 'token',
      },
    ]);

    expect((await waiting()).notifications).toEqual([]);

    // Authorize Application, and once more on the page.
    const uuid = authorizations[0]?.uuid ?? '';
    const his = { ...asked, response_type: 'token', assignment_uuid: uuid };
    const { fragment } = handedOver(await agree(anna, his));
    const program = new ApiClient(registry, fragment['access_token']);
    expect((await program.get('/api/v1/user/')).body).toMatchObject({ username: 'anna' });
    expect((await program.get('/api/v1/user/authorizations')).status).toBe(403);

    // It was for once: it is gone, and what it gave is among what he authorized.
    expect((await anna.get('/api/v1/user/assignedauthorization')).body).toEqual({ authorizations: [] });
    expect((await anna.get(pathWith('/oauth/authorize', his))).status).toBe(403);
    const mine = (await anna.get('/api/v1/user/authorizations')).json<{ authorizations: { uuid: string }[] }>();
    expect(mine.authorizations).toMatchObject([{ application: { name: 'automation' } }]);
    const tokens = await admin.get(`/api/v1/organization/reassigning/applications/${client_id}/tokens`);
    expect(tokens.body).toMatchObject({
      tokens: [{ uuid: mine.authorizations[0]?.uuid, name: null, scope: 'repo:create user:read', created_by: 'anna' }],
    });

    // He takes it back.
    expect((await anna.delete(`/api/v1/user/authorizations/${mine.authorizations[0]?.uuid ?? ''}`)).status).toBe(204);
    expect((await program.get('/api/v1/user/')).status).toBe(401);
  });

  it('and he refuses it', async () => {
    const [admin, anna] = [await ApiClient.signedIn(registry, 'admin'), await ApiClient.signedIn(registry, 'anna')];
    await createOrganization(admin, 'refusing');
    const { client_id } = await createApplication(admin, 'refusing', { name: 'automation' });
    await assign(admin, { client_id, redirect_uri: localPage(), scope: 'repo:read', username: 'anna' });
    const list = (await anna.get('/api/v1/user/assignedauthorization')).json<{ authorizations: { uuid: string }[] }>();
    const uuid = list.authorizations[0]?.uuid ?? '';
    const olga = await ApiClient.signedIn(registry, 'olga');
    expect((await olga.delete(`/api/v1/user/assignedauthorization/${uuid}`)).status).toBe(404);
    expect((await anna.delete(`/api/v1/user/assignedauthorization/${uuid}`)).status).toBe(204);
    expect((await anna.delete(`/api/v1/user/assignedauthorization/${uuid}`)).status).toBe(404);
    expect((await anna.get('/api/v1/user/assignedauthorization')).body).toEqual({ authorizations: [] });
  });

  it.each<[string, { readonly [name: string]: string }, readonly [number, unknown]]>([
    ['without a user', { username: '' }, [400, { error: 'Required param: username' }]],
    ['to nobody', { username: 'nobody' }, [404, expect.anything()]],
    ['for an unknown application', { client_id: 'UNKNOWN' }, [404, expect.anything()]],
    ['with scopes that do not exist', { scope: 'repo:nuke' }, [400, { error: 'invalid_scope' }]],
    ['to another place', { redirect_uri: 'https://evil.example.com/' }, [400, { error: 'invalid_request' }]],
  ])('but not %s', async (what, changes, outcome) => {
    const admin = await ApiClient.signedIn(registry, 'admin');
    const name = `assigning-${what.replaceAll(' ', '-')}`;
    await createOrganization(admin, name);
    const { client_id } = await createApplication(admin, name, { name: 'automation' });
    const asked = { client_id, redirect_uri: localPage(), scope: 'repo:read', username: 'olga' };
    expect((await assign(admin, { ...asked, ...changes })).both).toEqual(outcome);
  });

  it('but not by who is no administrator, nor by another site', async () => {
    const [admin, olga] = [await ApiClient.signedIn(registry, 'admin'), await ApiClient.signedIn(registry, 'olga')];
    await createOrganization(admin, 'guarded');
    const { client_id } = await createApplication(admin, 'guarded', { name: 'automation' });
    const asked = { client_id, redirect_uri: localPage(), scope: 'repo:read', username: 'anna' };
    expect((await assign(olga, asked)).status).toBe(403);
    const forged = await admin.send('POST', pathWith('/oauth/authorize/assignuser', asked), {
      headers: { 'X-CSRF-Token': 'guessed' },
    });
    expect(forged.both).toEqual([403, { error: 'CSRF token was invalid or missing. (authorized: user admin)' }]);
    expect((await assign(new ApiClient(registry), asked)).both).toEqual([
      401,
      { error: 'Method requires login and no valid login could be loaded.' },
    ]);
  });
});
