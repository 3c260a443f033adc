import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { Layout } from '../support/layout.js';
import { runningCluster } from './running.js';

const running = await runningCluster();

// Each request of a client goes to another node than the one before.
(running ? describe : describe.skip)('clients through the balancer', () => {
  if (!running) return;
  let clients: Clients;
  let layout: string;
  const name = (path: string): string => `${running.cluster.host}/alice/${path}`;
  const oras = (...args: string[]): Promise<string> => clients.run('oras', [...args, '--plain-http']);

  beforeAll(async () => {
    await running.cluster.createUser('alice');
    clients = await Clients.create();
    for (const tool of ['skopeo', 'podman', 'crane', 'oras', 'regctl', 'helm', 'cosign'] as const)
      await clients.login(tool, running.cluster.host, 'alice');
    layout = clients.path('layout');
    const image = await Layout.create(layout);
    await image.name('v1', await image.putImage({ hello: 'cluster\n' }));
    const all = await Layout.create(clients.path('all'));
    await all.name('all', await all.putMultiArch('cluster'));
    const pushed = ['copy', '--dest-tls-verify=false', `oci:${layout}:v1`, `docker://${name('app:v1')}`];
    await clients.run('skopeo', pushed);
  });
  afterAll(async () => {
    await clients.remove();
    expect(running.cluster.balancer.failures).toEqual([]);
  });

  it('skopeo pushes all architectures, inspects, copies, and deletes', async () => {
    const to = `docker://${name('multi:v1')}`;
    await clients.run('skopeo', ['copy', '--all', '--dest-tls-verify=false', `oci:${clients.path('all')}:all`, to]);
    const inspected = await clients.run('skopeo', ['inspect', '--tls-verify=false', '--raw', to]);
    expect((JSON.parse(inspected) as { manifests: unknown[] }).manifests).toHaveLength(2);
    await clients.run('skopeo', ['copy', '--all', '--src-tls-verify=false', to, `oci:${clients.path('back')}:v1`]);
    const tags = JSON.parse(
      await clients.run('skopeo', ['list-tags', '--tls-verify=false', `docker://${name('multi')}`]),
    ) as { Tags: string[] };
    expect(tags.Tags).toEqual(['v1']);
    await clients.run('skopeo', ['delete', '--tls-verify=false', to]);
    await clients.refused('skopeo', ['inspect', '--tls-verify=false', to]);
  });

  it('podman pulls, tags and pushes', async () => {
    await clients.run('podman', ['pull', '--tls-verify=false', name('app:v1')]);
    await clients.run('podman', ['tag', name('app:v1'), name('app:podman')]);
    await clients.run('podman', ['push', '--tls-verify=false', name('app:podman')]);
    expect(await clients.run('crane', ['digest', '--insecure', name('app:podman')])).toMatch(/^sha256:/);
  });

  it('crane lists, copies and deletes', async () => {
    await clients.run('crane', ['cp', '--insecure', name('app:v1'), name('copied:v1')]);
    await clients.run('crane', ['tag', '--insecure', name('copied:v1'), 'v2']);
    expect((await clients.run('crane', ['ls', '--insecure', name('copied')])).trim().split('\n')).toEqual(['v1', 'v2']);
    await clients.run('crane', ['validate', '--insecure', '--remote', name('copied:v2')]);
    const digest = (await clients.run('crane', ['digest', '--insecure', name('copied:v1')])).trim();
    await clients.run('crane', ['delete', '--insecure', `${name('copied')}@${digest}`]);
    expect((await clients.run('crane', ['ls', '--insecure', name('copied')])).trim()).toBe('');
  });

  it('oras attaches, discovers, pulls and deletes', async () => {
    await clients.write('sbom.json', '{"contents": "good"}');
    for (const type of ['sbom/one', 'sbom/two', 'sbom/three'])
      await oras('attach', name('app:v1'), '--artifact-type', type, './sbom.json:application/json');
    const found = JSON.parse(await oras('discover', '--format', 'json', name('app:v1'))) as {
      referrers: { artifactType: string; digest: string }[];
    };
    expect(found.referrers.map(({ artifactType }) => artifactType).sort()).toEqual([
      'sbom/one',
      'sbom/three',
      'sbom/two',
    ]);
    const [first] = found.referrers;
    await oras('pull', '-o', clients.path('pulled'), `${name('app')}@${first?.digest ?? ''}`);
    expect(await readFile(clients.path('pulled', 'sbom.json'), 'utf8')).toContain('good');
    await oras('manifest', 'delete', '--force', `${name('app')}@${first?.digest ?? ''}`);
    const copy = ['copy', '-r', '--from-plain-http', '--to-plain-http', name('app:v1'), name('promoted:v1')];
    await clients.run('oras', copy);
  });

  it('helm pushes a chart and pulls the same bytes back', async () => {
    await clients.write('etherpad/Chart.yaml', 'apiVersion: v2\nname: etherpad\nversion: 0.0.4\n');
    await clients.run('helm', ['package', './etherpad']);
    const host = running.cluster.host;
    await clients.run('helm', ['push', '--plain-http', 'etherpad-0.0.4.tgz', `oci://${host}/alice`]);
    await clients.write('charts/.keep', '');
    const chart = [`oci://${host}/alice/etherpad`, '--version', '0.0.4', '--plain-http'];
    await clients.run('helm', ['pull', ...chart, '--destination', clients.path('charts')]);
    const [pushed, pulled] = ['etherpad-0.0.4.tgz', 'charts/etherpad-0.0.4.tgz'].map((file) => clients.path(file));
    expect(await readFile(pulled ?? '')).toEqual(await readFile(pushed ?? ''));
  });

  it('cosign signs and verifies', async () => {
    await clients.run('cosign', ['generate-key-pair']);
    const digest = (await clients.run('crane', ['digest', '--insecure', name('app:v1')])).trim();
    const image = `${name('app')}@${digest}`;
    const local = ['--allow-http-registry'];
    await clients.run('cosign', ['sign', ...local, '--key', 'cosign.key', '--tlog-upload=false', '--yes', image]);
    const proof = ['verify', ...local, '--key', 'cosign.pub', '--insecure-ignore-tlog=true', image];
    expect(await clients.run('cosign', proof)).toContain(digest);
  });
});
