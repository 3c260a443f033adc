import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let anybody: ApiClient;
let alice: ApiClient;
let bob: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start({
    SUPER_USERS: 'boss',
    ENABLE_HEALTH_DEBUG_SECRET: 'let-me-look',
    REGISTRY_TITLE: 'Boats & <Trains>',
    CREATE_PRIVATE_REPO_ON_PUSH: 'true',
    CORS_ORIGIN: JSON.stringify(['https://ui.example.org', 'https://other.example.org']),
  });
  for (const name of ['alice', 'bob', 'boss']) await registry.createUser(name);
  await pushImage(new V2Client(registry, 'alice').repository('alice/tools/app'), 'v1');
  anybody = new ApiClient(registry);
  alice = await ApiClient.signedIn(registry, 'alice');
  bob = await ApiClient.signedIn(registry, 'bob');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const location = async (client: ApiClient, path: string): Promise<readonly [number, string | null]> => {
  const { status, headers } = await client.get(path);
  return [status, headers.get('location')];
};

describe('the configuration for web UIs', () => {
  it('is for everybody, and for no cache', async () => {
    const answer = await anybody.get('/config');
    expect(answer.body).toMatchObject({
      config: { SERVER_HOSTNAME: registry.host, REGISTRY_TITLE: 'Boats & <Trains>' },
      features: { ANONYMOUS_ACCESS: true, BILLING: false },
      registry_state: 'normal',
    });
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((await anybody.send('OPTIONS', '/config')).status).toBe(200);
  });

  it('names logos that are there', async () => {
    const { config } = (await anybody.get('/config')).json<{ config: { BRANDING: { logo: string } } }>();
    const logo = await anybody.get(config.BRANDING.logo);
    expect([logo.status, logo.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
  });
});

describe('short links', () => {
  it('lead to the page of a user', async () => {
    expect(await location(anybody, '/alice')).toEqual([302, '/user/alice']);
  });

  it('lead to the page of a repository, and to one of its tags, for who may see it', async () => {
    expect(await location(alice, '/alice/tools/app')).toEqual([302, '/repository/alice/tools/app?tab=tags']);
    expect(await location(alice, '/alice/tools/app:v1')).toEqual([302, '/repository/alice/tools/app?tab=tags&tag=v1']);
  });

  it('lead nowhere for others, who do not learn what there is', async () => {
    const [hidden, absent] = [await bob.get('/alice/tools/app'), await bob.get('/alice/nothing')];
    expect([hidden.status, absent.status, hidden.text === absent.text]).toEqual([403, 403, true]);
    expect((await anybody.get('/alice/tools/app:v1')).status).toBe(403);
  });

  it('tell who belongs there that there is no such repository', async () => {
    const page = await alice.get('/alice/nothing');
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.text).toContain('There is no repository alice/nothing.');
  });

  it('tell everybody that there is no such namespace, whatever its name', async () => {
    for (const path of ['/nobody', '/nobody/app:v1', '/%3Cscript%3E', '/favicon.ico']) {
      const page = await anybody.get(path);
      expect([path, page.status]).toEqual([path, 404]);
      expect(page.text).not.toContain('<script>');
    }
  });

  it('are never paths of the API', async () => {
    expect((await anybody.get('/api/v1/nothing')).body).toMatchObject({ error_type: 'not_found' });
    expect((await anybody.get('/api/nothing')).status).toBe(404);
  });
});

describe('a page', () => {
  it.each(['/', '/repository/alice/tools/app', '/organization/acme/teams/owners', '/signin/', '/search'])(
    'is shown at %s, in nobody’s frame and without scripts',
    async (path) => {
      const page = await anybody.get(path);
      expect(page.status).toBe(200);
      expect(page.text).toContain('<h1>Boats &amp; &lt;Trains&gt;</h1>');
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
    },
  );
});

describe('programs learn', () => {
  it('where pages and reports about images are', async () => {
    const answer = await anybody.get('/.well-known/app-capabilities');
    const repository = `${registry.url}/api/v1/repository/{namespace}/{reponame}`;
    expect(answer.body).toEqual({
      appName: 'io.quay',
      capabilities: {
        'io.quay.view-image': { 'url-template': `${registry.url}/{namespace}/{reponame}:{tag}` },
        'io.quay.image-security': {
          'rest-api-template': `${repository}/image/{imageid}/security`,
          deprecated: true,
        },
        'io.quay.manifest-security': { 'rest-api-template': `${repository}/manifest/{digest}/security` },
      },
    });
  });

  it('that nothing here is for search engines', async () => {
    expect((await anybody.get('/robots.txt')).text).toBe('User-agent: *\nDisallow: /\n');
  });

  it('how to search', async () => {
    const answer = await anybody.get('/opensearch.xml');
    expect(answer.headers.get('content-type')).toMatch(/^application\/opensearchdescription\+xml/);
    expect(answer.text).toMatch(/^<\?xml /);
    expect(answer.text).toContain('<ShortName>Boats &amp; &lt;Trains&gt;</ShortName>');
    expect(answer.text).toContain(`template="${registry.url}/search?q={searchTerms}"`);
  });
});

describe('the description of the API for people', () => {
  it('comes from here alone', async () => {
    const page = await anybody.get('/api-docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(parts).toHaveLength(5);
    for (const path of parts) {
      expect(path).toMatch(/^\/api-docs\//);
      expect((await anybody.get(path)).status).toBe(200);
    }
  });
});

describe('pages of other origins', () => {
  it('may read what is for browsers only if they are named', async () => {
    const seen = async (path: string, origin: string) => {
      const { headers } = await anybody.get(path, { Origin: origin });
      return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')];
    };
    for (const path of ['/config', '/csrf_token']) {
      expect(await seen(path, 'https://ui.example.org')).toEqual(['https://ui.example.org', 'true']);
      expect(await seen(path, 'https://elsewhere.example.org')).toEqual([null, null]);
    }
  });
});

describe('health', () => {
  const details = {
    services_expanded: { database: { status: true } },
    notes: [],
    is_testing: true,
    config_provider: 'file',
    local_service_key_id: expect.stringMatching(/^[0-9a-f]{64}$/),
    hostname: expect.any(String),
  };

  it('is told to everybody in one word for each service', async () => {
    const { data } = (await anybody.get('/health/instance')).json<{ data: object }>();
    expect(Object.keys(data)).toEqual(['services']);
    expect(data).toMatchObject({ services: { database: true, auth: true } });
    const { data: forAlice } = (await alice.get('/health')).json<{ data: object }>();
    expect(Object.keys(forAlice)).toEqual(['services']);
  });

  it('is told to superusers in detail, by session or password', async () => {
    const boss = await ApiClient.signedIn(registry, 'boss');
    expect((await boss.get('/health/endtoend')).body).toMatchObject({ data: details, status_code: 200 });
    const basic = (password: string) => ({ Authorization: `Basic ${btoa(`boss:${password}`)}` });
    expect((await anybody.get('/status', basic(PASSWORD))).body).toMatchObject({ data: details });
    const { data } = (await anybody.get('/status', basic('wrong'))).json<{ data: object }>();
    expect(Object.keys(data)).toEqual(['services']);
  });

  it('is told in detail to a browser that knows the secret', async () => {
    const browser = new ApiClient(registry);
    expect((await browser.get('/health/enabledebug/guess')).status).toBe(404);
    expect((await browser.get('/health/enabledebug/let-me-look')).status).toBe(200);
    expect((await browser.get('/health/warning')).body).toMatchObject({ data: { notes: [] } });
    const forged = { Cookie: 'tidemark_health=let-me-look' };
    const { data } = (await anybody.get('/health', forged)).json<{ data: object }>();
    expect(Object.keys(data)).toEqual(['services']);
  });
});
