import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let anybody: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  anybody = new ApiClient(registry);
});
afterAll(() => registry.stop());

describe('any path of the API', () => {
  it('answers JSON that ends with a newline, with CORS headers', async () => {
    const answer = await anybody.get('/api/v1/discovery');
    expect(answer.status).toBe(200);
    expect(answer.text.endsWith('}\n')).toBe(true);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toBe('AUTHORIZATION, CONTENT-TYPE, X-REQUESTED-WITH');
    expect(answer.headers.get('tidemark-position')).toMatch(/^[0-9]{20}$/);
  });

  it('that nobody serves is not found, in the form of the API', async () => {
    const answer = await anybody.get('/api/v1/nothing');
    expect(answer.both).toEqual([
      404,
      {
        ...{
          detail: 'Not Found',
          error_message: 'Not Found',
          error_type: 'not_found',
          title: 'not_found',
          status: 404,
        },
        type: `${registry.url}/api/v1/error/not_found`,
      },
    ]);
  });

  it('tells which methods it has, and refuses others', async () => {
    const answer = await anybody.send('OPTIONS', '/api/v1/discovery');
    expect([answer.status, answer.text, answer.headers.get('allow')]).toEqual([200, '', 'OPTIONS, HEAD, GET']);
    expect((await anybody.delete('/api/v1/discovery')).status).toBe(405);
  });

  it('is not for a browser that was sent there by a link', async () => {
    const browser = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' };
    const refused = await anybody.get('/api/v1/discovery', browser);
    expect(refused.both).toEqual([
      400,
      { error: 'API calls must be invoked with an X-Requested-With header if called from a browser' },
    ]);
    expect(refused.headers.get('content-type')).toMatch(/^text\/html/);
    const byScript = await anybody.get('/api/v1/discovery', { ...browser, 'X-Requested-With': 'XMLHttpRequest' });
    expect(byScript.status).toBe(200);
  });
});

describe('a body', () => {
  it.each([
    ['is nested without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['holds a number that is none', '1e999'],
  ])('that %s is refused', async (_, value) => {
    const answer = await anybody.send('POST', '/api/v1/signin', { body: `{"username": ${value}, "password": "x"}` });
    expect(answer.status).toBe(400);
  });

  it('that is more than an event may hold is refused', async () => {
    await registry.createUser('verbose');
    const verbose = await ApiClient.signedIn(registry, 'verbose');
    await verbose.post('/api/v1/organization/', { name: 'talkers' });
    const long = { role: 'member', description: 'x'.repeat(100_000) };
    expect((await verbose.put('/api/v1/organization/talkers/team/devs', long)).status).toBe(400);
    const address = { invoice_email_address: 'x'.repeat(100_000) };
    expect((await verbose.put('/api/v1/organization/talkers', address)).status).toBe(400);
  });
});

describe('a session', () => {
  it('begins with the token that proves requests to be its own', async () => {
    const browser = new ApiClient(registry);
    const answer = await browser.get('/csrf_token');
    const { csrf_token: token } = answer.json<{ csrf_token: string }>();
    expect(Buffer.from(token, 'base64url')).toHaveLength(48);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^_csrf_token=[^;]+;.*HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toContain(token);
    expect((await browser.get('/csrf_token')).json()).toEqual({ csrf_token: token });
  });

  it('that was forged is none', async () => {
    const first = (await anybody.get('/csrf_token')).text;
    const forged = await new ApiClient(registry).get('/csrf_token', { Cookie: '_csrf_token=e30.e30.e30.e30.e30' });
    expect(forged.status).toBe(200);
    expect(forged.text).not.toBe(first);
  });
});

describe('a bearer token', () => {
  it('that a login service issued is refused while none is configured', async () => {
    const token = (payload: object) =>
      [{ alg: 'none', typ: 'JWT' }, payload, {}]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
    const issued = await new ApiClient(registry, token({ iss: 'https://sso.example.com' })).get('/api/v1/discovery');
    expect(issued.both).toEqual([401, { error: 'Issuer https://sso.example.com not configured' }]);
    const nobody = await new ApiClient(registry, token({})).get('/api/v1/discovery');
    expect(nobody.both).toEqual([401, { error: 'Token does not contain issuer' }]);
  });
});

it('the API describes itself, for tools of Quay and for those of today', async () => {
  const swagger = (await anybody.get('/api/v1/discovery?internal=true')).json<{ paths: Record<string, unknown> }>();
  expect(swagger).toMatchObject({ swagger: '2.0', host: registry.host, basePath: '/', schemes: ['http'] });
  expect(swagger.paths['/api/v1/discovery']).toMatchObject({
    'x-path': '/api/v1/discovery',
    get: {
      operationId: 'discovery',
      tags: ['discovery'],
      responses: { 404: { schema: { $ref: '#/definitions/ApiError' } } },
    },
  });
  expect(swagger.paths['/api/v1/openapi.json']).toMatchObject({ get: { 'x-internal': true } });
  const shown = (await anybody.get('/api/v1/discovery')).json<{ paths: Record<string, unknown> }>();
  expect(Object.keys(shown.paths)).not.toContain('/api/v1/openapi.json');
  const openapi = (await anybody.get('/api/v1/openapi.json')).json<{
    openapi: string;
    paths: Record<string, unknown>;
  }>();
  expect(openapi.openapi).toBe('3.1.0');
  expect(Object.keys(openapi.paths)).toEqual(Object.keys(swagger.paths));
});
