import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../support/apiClient.js';
import { Clients } from '../support/clients.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { Layout } from '../support/layout.js';
import { PASSWORD, type RegistryProcess } from '../support/registry.js';

type Tool = 'skopeo' | 'podman' | 'helm' | 'oras';
/** skopeo comes first: it brings what podman takes and gives back. */
const TOOLS: readonly Tool[] = ['skopeo', 'podman', 'helm', 'oras'];
const OWNER = 'quayadmin';

let registry: RegistryProcess;
let admin: ApiClient;
let token: string;
let owner: Clients;
let layout: Layout;

beforeAll(async () => {
  ({ registry, admin, token } = await withFirstAccount());
  owner = await Clients.create();
  layout = await Layout.create(owner.path('layout'));
  await layout.name('v1', await layout.putImage({ hello: 'for whoever may see it\n' }));
  for (const tool of TOOLS) {
    await owner.login(tool, registry.host, OWNER);
    await push(owner, tool, '1.0.0');
  }
});
afterAll(async () => {
  await registry.stop();
  await owner.remove();
});

/** Each in its own words; who goes on guessing is told to wait. */
const REFUSED = /unauthorized|401|invalid username\/password|too many requests|toomanyrequests|429/i;

const at = (name: string): string => `${registry.host}/${OWNER}/${name}`;

async function chart(clients: Clients, version: string): Promise<string> {
  const about = `apiVersion: v2\nname: chart\nversion: ${version}\ndescription: for a test\n`;
  await clients.write('chart/Chart.yaml', about);
  await clients.run('helm', ['package', './chart']);
  return `chart-${version}.tgz`;
}

async function pushing(clients: Clients, tool: Tool, version: string): Promise<readonly string[]> {
  const image = `${at('image')}:${version}`;
  switch (tool) {
    case 'skopeo':
      return ['copy', '--dest-tls-verify=false', `oci:${layout.folder}:v1`, `docker://${image}`];
    case 'podman':
      return [
        'push',
        '--tls-verify=false',
        (await clients.run('podman', ['images', '-q'])).trim(),
        `docker://${image}-again`,
      ];
    case 'helm':
      return ['push', '--plain-http', await chart(clients, version), `oci://${registry.host}/${OWNER}`];
    case 'oras':
      await clients.write('file.txt', `version ${version}\n`);
      return ['push', '--plain-http', `${at('files')}:${version}`, 'file.txt:text/plain'];
  }
}

const pulling = (clients: Clients, tool: Tool, version: string): readonly string[] => {
  const image = `${at('image')}:${version}`;
  switch (tool) {
    case 'skopeo':
      return ['copy', '--src-tls-verify=false', `docker://${image}`, `dir:${clients.path('skopeo')}`];
    case 'podman':
      return ['pull', '--tls-verify=false', image];
    case 'helm':
      return ['show', 'chart', `oci://${at('chart')}`, '--version', version, '--plain-http'];
    case 'oras':
      return ['pull', '--plain-http', '--output', clients.path('oras'), `${at('files')}:${version}`];
  }
};

const push = async (clients: Clients, tool: Tool, version: string): Promise<string> => {
  // podman pushes what it has.
  if (tool === 'podman') await clients.run(tool, pulling(clients, tool, version));
  return clients.run(tool, await pushing(clients, tool, version));
};

type Credential = {
  readonly kind: string;
  /** @returns user name and password for clients */
  readonly make: () => Promise<readonly [username: string, password: string]>;
  readonly revoke: () => Promise<void>;
};

const robot = '/api/v1/user/robots/ci';
const ok = async (answer: ReturnType<ApiClient['send']>, ...statuses: number[]) => {
  const { status, text } = await answer;
  if (!statuses.includes(status)) throw new Error(`answered with ${status}: ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as { readonly [member: string]: string };
};

const kinds: readonly Credential[] = [
  {
    kind: 'the token of a robot',
    make: async () => {
      const { token: secret = '' } = await ok(admin.put(robot), 201);
      for (const name of ['image', 'chart', 'files']) {
        const path = `/api/v1/repository/${OWNER}/${name}/permissions/user/${OWNER}+ci`;
        await ok(admin.put(path, { role: 'write' }), 200);
      }
      return [`${OWNER}+ci`, secret];
    },
    revoke: async () => {
      await ok(admin.post(`${robot}/regenerate`), 200);
    },
  },
  {
    kind: 'an app-specific token',
    make: async () => {
      const browser = await ApiClient.signedIn(registry, OWNER);
      const made = await browser.post('/api/v1/user/apptoken', { title: 'laptop' });
      const { token: secret } = made.json<{ token: { token_code: string } }>();
      return ['$app', secret.token_code];
    },
    revoke: async () => {
      const browser = await ApiClient.signedIn(registry, OWNER);
      const { tokens } = (await browser.get('/api/v1/user/apptoken')).json<{ tokens: readonly { uuid: string }[] }>();
      await ok(browser.delete(`/api/v1/user/apptoken/${tokens[0]?.uuid ?? ''}`), 204);
    },
  },
  {
    kind: 'an encrypted password',
    make: async () => {
      const browser = await ApiClient.signedIn(registry, OWNER);
      const { key = '' } = await ok(browser.post('/api/v1/user/clientkey', { password: PASSWORD }), 200);
      return [OWNER, key];
    },
    revoke: async () => {
      const browser = await ApiClient.signedIn(registry, OWNER);
      await ok(browser.put('/api/v1/user/', { password: `${PASSWORD}-another` }), 200);
    },
  },
  {
    kind: 'an OAuth token',
    make: () => Promise.resolve(['$oauthtoken', token]),
    revoke: async () => {
      const { authorizations } = (await admin.get('/api/v1/user/authorizations')).json<{
        authorizations: readonly { readonly uuid: string }[];
      }>();
      await ok(admin.delete(`/api/v1/user/authorizations/${authorizations[0]?.uuid ?? ''}`), 204);
    },
  },
];

describe.each(kinds)('$kind', ({ make, revoke }) => {
  it('logs in with every client, pushes and pulls, and is refused as soon as it is revoked', async () => {
    const clients = await Clients.create();
    try {
      const [username, password] = await make();
      for (const tool of TOOLS) await clients.login(tool, registry.host, username, password);
      for (const tool of TOOLS) {
        await push(clients, tool, '1.0.0');
        await clients.run(tool, pulling(clients, tool, '1.0.0'));
      }
      await revoke();
      for (const tool of TOOLS) {
        expect(await clients.refused(tool, pulling(clients, tool, '1.0.0'))).toMatch(REFUSED);
        expect(await clients.refused(tool, await pushing(clients, tool, '1.0.0'))).toMatch(REFUSED);
        await expect(clients.login(tool, registry.host, username, password)).rejects.toThrow(REFUSED);
      }
    } finally {
      await clients.remove();
    }
  });
});

describe('where robots are disallowed', () => {
  it('podman says so when it is asked for details, as chapter 5.4 of the guide has it', async () => {
    await registry.restart('SIGTERM', { ROBOTS_DISALLOW: 'true' });
    const login = ['login', '-u', `${OWNER}+ci`, '-p', 'A'.repeat(64), '--tls-verify=false'];
    expect(await owner.refused('podman', [...login, registry.host])).toContain('invalid username/password');
    const details = await owner.refused('podman', [...login, '--log-level=debug', registry.host]);
    expect(details).toContain('Robot accounts have been disabled. Please contact your administrator.');
  });
});
