import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { contentsOf, Layout } from '../support/layout.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { V2Client } from '../support/v2client.js';
import type { ToolName } from '../tools/tools.js';

/** Everything pushed to `open` may be read by everybody, nothing of `closed`. */
let open: RegistryProcess;
let closed: RegistryProcess;
let alice: Clients;
let nobody: Clients;
let layout: Layout;

beforeAll(async () => {
  open = await RegistryProcess.start({ CREATE_PRIVATE_REPO_ON_PUSH: 'false' });
  closed = await RegistryProcess.start();
  [alice, nobody] = [await Clients.create(), await Clients.create()];
  layout = await Layout.create(alice.path('layout'));
  await layout.name('v1', await layout.putImage({ hello: 'for some\n' }));
  for (const registry of [open, closed]) {
    const { host } = registry;
    await registry.createUser('alice');
    await registry.createUser('bob');
    await alice.login('skopeo', host, 'alice');
    await alice.run('skopeo', [
      'copy',
      '--dest-tls-verify=false',
      `oci:${layout.folder}:v1`,
      `docker://${host}/alice/app:v1`,
    ]);
    await nobody.insecure(host);
  }
});
afterAll(async () => {
  await open.stop();
  await closed.stop();
  await alice.remove();
  await nobody.remove();
});

type Try = {
  readonly tool: ToolName;
  readonly pull: (from: string) => string[];
  readonly push: (to: string) => string[];
};
const from = (reference: string): string => `docker://${reference}`;
const tries: readonly Try[] = [
  {
    tool: 'skopeo',
    pull: (reference) => ['copy', '--src-tls-verify=false', from(reference), `dir:${nobody.path('skopeo')}`],
    push: (reference) => ['copy', '--dest-tls-verify=false', `oci:${layout.folder}:v1`, from(reference)],
  },
  {
    tool: 'crane',
    pull: (reference) => ['pull', '--insecure', '--format', 'oci', reference, nobody.path('crane')],
    push: (reference) => ['push', '--insecure', layout.folder, reference],
  },
  {
    tool: 'regctl',
    pull: (reference) => ['image', 'copy', reference, `ocidir://${nobody.path('regctl')}:v1`],
    push: (reference) => ['image', 'copy', `ocidir://${layout.folder}:v1`, reference],
  },
  {
    tool: 'oras',
    pull: (reference) => ['copy', '--from-plain-http', '--to-oci-layout', reference, `${nobody.path('oras')}:v1`],
    push: (reference) => ['copy', '--to-plain-http', '--from-oci-layout', `${layout.folder}:v1`, reference],
  },
  {
    tool: 'podman',
    pull: (reference) => ['pull', '--tls-verify=false', reference],
    push: (reference) => ['push', '--tls-verify=false', reference],
  },
];

describe.each(tries)('$tool without a login', ({ tool, pull, push }) => {
  it('pulls what is public', async () => {
    await nobody.run(tool, pull(`${open.host}/alice/app:v1`));
  });

  it('pushes nothing, also where it may pull', async () => {
    const other = `${open.host}/alice/other:v1`;
    if (tool === 'podman') await nobody.run('podman', ['tag', `${open.host}/alice/app:v1`, other]);
    await nobody.refused(tool, push(other));
    const answer = await new V2Client(open, 'alice').repository('alice/other').get('manifests/v1');
    expect(answer.status).toBe(404);
  });

  it('pulls nothing that is private', async () => {
    const said = await nobody.refused(tool, pull(`${closed.host}/alice/app:v1`));
    expect(said).toMatch(/unauthorized|denied|authentication required|401/i);
  });
});

describe('a login', () => {
  it('is refused with a wrong password', async () => {
    const login = ['login', '--tls-verify=false', '-u', 'bob', '--password-stdin', closed.host];
    expect(await nobody.refused('skopeo', login, { input: 'wrong-password' })).toMatch(
      /invalid username\/password|unauthorized/i,
    );
  });

  it('of somebody else opens neither a private repository nor his namespace', async () => {
    const bob = await Clients.create();
    try {
      await bob.login('crane', closed.host, 'bob', PASSWORD);
      await bob.refused('crane', ['digest', '--insecure', `${closed.host}/alice/app:v1`]);
      await bob.refused('crane', ['push', '--insecure', layout.folder, `${closed.host}/alice/app:v2`]);
      await bob.run('crane', ['push', '--insecure', layout.folder, `${closed.host}/bob/app:v1`]);
      await bob.run('crane', [
        'pull',
        '--insecure',
        '--format',
        'oci',
        `${closed.host}/bob/app:v1`,
        bob.path('pulled'),
      ]);
      expect(await contentsOf(bob.path('pulled'))).toEqual(await contentsOf(layout.folder));
    } finally {
      await bob.remove();
    }
  });

  it('of a user that the command line made works, and the program names itself', async () => {
    const said = await closed.run(['user', 'create', 'carol', '--password-stdin', '--json'], `${PASSWORD}\n`);
    expect(JSON.parse(said)).toMatchObject({ name: 'carol' });
    expect((await new V2Client(closed, 'carol').requestToken([])).status).toBe(200);
    await expect(closed.run(['user', 'create', 'carol', '--password-stdin'], `${PASSWORD}\n`)).rejects.toThrow(/carol/);
    expect(await closed.run(['--help'])).toContain('serve');
  });
});
