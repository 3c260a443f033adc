import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { Layout } from '../support/layout.js';
import { RegistryProcess } from '../support/registry.js';
import { V2Client, type Descriptor } from '../support/v2client.js';

let source: RegistryProcess;
let target: RegistryProcess;
let clients: Clients;
let layout: string;

beforeAll(async () => {
  [source, target] = await Promise.all([RegistryProcess.start(), RegistryProcess.start()]);
  clients = await Clients.create();
  for (const registry of [source, target]) {
    await registry.createUser('alice');
    for (const tool of ['oras', 'regctl', 'skopeo'] as const) await clients.login(tool, registry.host, 'alice');
  }
  layout = clients.path('layout');
  const image = await Layout.create(layout);
  await image.name('v1', await image.putImage({ hello: 'net-monitor\n' }));
});
afterAll(async () => {
  await Promise.all([source.stop(), target.stop()]);
  await clients.remove();
});

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

const oras = (...args: string[]): Promise<string> => clients.run('oras', [...args, '--plain-http']);
const inSource = (name: string): string => `${source.host}/alice/${name}`;
const inTarget = (name: string): string => `${target.host}/alice/${name}`;

async function pushImage(name: string): Promise<void> {
  await clients.run('skopeo', ['copy', '--dest-tls-verify=false', `oci:${layout}:v1`, `docker://${inSource(name)}`]);
}

type Discovered = {
  readonly digest: string;
  readonly artifactType: string;
  readonly referrers?: readonly Discovered[];
};

/** What refers to an image, to any depth, as type and what refers to that. */
async function discover(reference: string, ...options: string[]): Promise<readonly Discovered[]> {
  const said = await oras('discover', '--format', 'json', ...options, reference);
  return (JSON.parse(said) as { referrers?: Discovered[] }).referrers ?? [];
}
const typesOf = (found: readonly Discovered[]): string[] => found.map(({ artifactType }) => artifactType).sort();

describe('oras', () => {
  it('pushes an artifact of several files and pulls them back', async () => {
    await clients.write('files/readme.md', 'Readme Content\n');
    await clients.write('files/details/readme-details.md', 'Detailed Content\n');
    await clients.write('files/details/readme-more-details.md', 'More detailed Content\n');
    const push = ['push', '--plain-http', inSource('samples:readme'), '--artifact-type', 'readme/example'];
    await clients.run('oras', [...push, './readme.md:application/markdown', './details'], {
      cwd: clients.path('files'),
    });
    const manifest = JSON.parse(await oras('manifest', 'fetch', inSource('samples:readme'))) as {
      artifactType: string;
    };
    expect(manifest.artifactType).toBe('readme/example');
    await oras('pull', '-o', clients.path('download'), inSource('samples:readme'));
    expect(await readFile(clients.path('download/readme.md'), 'utf8')).toBe('Readme Content\n');
    expect(await readFile(clients.path('download/details/readme-more-details.md'), 'utf8')).toBe(
      'More detailed Content\n',
    );
    await oras('manifest', 'delete', '--force', inSource('samples:readme'));
    await clients.refused('oras', ['manifest', 'fetch', '--plain-http', inSource('samples:readme')]);
  });

  it('attaches a signature and an SBOM with a signature of its own, copies the graph, and deletes it', async () => {
    await pushImage('net-monitor:v1');
    await clients.write('signature.json', '{"signature": "jayden hancock"}');
    await clients.write('sbom.json', '{"version": "0.0.0.0", "contents": "good"}');
    await clients.write('sbom-signature.json', '{"signature": "jayden hancock", "of": "sbom"}');
    const image = inSource('net-monitor:v1');
    await oras('attach', image, '--artifact-type', 'signature/example', './signature.json:application/json');
    await oras('attach', image, '--artifact-type', 'sbom/example', './sbom.json:application/json');
    const [sbom] = await discover(image, '--artifact-type', 'sbom/example');
    const sbomReference = `${inSource('net-monitor')}@${there(sbom).digest}`;
    await oras(
      'attach',
      sbomReference,
      '--artifact-type',
      'signature/example',
      './sbom-signature.json:application/json',
    );

    const graph = await discover(image, '--depth', '5');
    expect(typesOf(graph)).toEqual(['sbom/example', 'signature/example']);
    const sbomInGraph = graph.find(({ artifactType }) => artifactType === 'sbom/example');
    expect(typesOf(there(sbomInGraph).referrers ?? [])).toEqual(['signature/example']);
    expect((await oras('repo', 'tags', inSource('net-monitor'))).trim()).toBe('v1');

    await clients.run('oras', [
      'copy',
      '-r',
      '--from-plain-http',
      '--to-plain-http',
      image,
      inTarget('net-monitor:v1'),
    ]);
    const copied = await discover(inTarget('net-monitor:v1'), '--depth', '5');
    expect(copied.map(({ digest }) => digest).sort()).toEqual(graph.map(({ digest }) => digest).sort());
    await oras('pull', '-o', clients.path('sbom'), `${inTarget('net-monitor')}@${there(sbom).digest}`);
    expect(await readFile(clients.path('sbom/sbom.json'), 'utf8')).toContain('good');

    await oras('manifest', 'delete', '-f', inTarget('net-monitor:v1'));
    await clients.refused('oras', ['manifest', 'fetch', '--plain-http', inTarget('net-monitor:v1')]);
  });

  it('attaches through the referrers API and through the tag schema, and both are discovered', async () => {
    await pushImage('media:v1.0');
    await clients.write('hi.txt', 'hi\n');
    await clients.write('ho.txt', 'ho\n');
    const image = inSource('media:v1.0');
    const api = ['--distribution-spec', 'v1.1-referrers-api'];
    const tag = ['--distribution-spec', 'v1.1-referrers-tag'];
    await oras('attach', '--artifact-type', 'doc/api', ...api, image, 'hi.txt');
    await oras('attach', '--artifact-type', 'doc/tag', ...tag, image, 'ho.txt');
    expect(typesOf(await discover(image, ...tag))).toEqual(['doc/tag']);
    expect(typesOf(await discover(image, ...api))).toEqual(['doc/api', 'doc/tag']);

    const repository = new V2Client(source, 'alice').repository('alice/media');
    const digest = (await repository.head('manifests/v1.0')).header('docker-content-digest') ?? '';
    const listed = (await repository.get(`referrers/${digest}`)).json<{ manifests: Descriptor[] }>().manifests;
    expect(listed.map(({ artifactType }) => artifactType).sort()).toEqual(['doc/api', 'doc/tag']);
    const tags = (await repository.get('tags/list')).json<{ tags: string[] }>().tags;
    expect(tags).toEqual([digest.replace(':', '-'), 'v1.0']);
  });

  it('pushes an artifact that expires', async () => {
    const push = ['push', '--plain-http', '--annotation', 'quay.expires-after=2d', inSource('expiring:v1')];
    await clients.run('oras', [...push, 'hi.txt']);
    const manifest = await oras('manifest', 'fetch', inSource('expiring:v1'));
    expect(JSON.parse(manifest)).toMatchObject({ annotations: { 'quay.expires-after': '2d' } });
  });
});

describe('regctl', () => {
  it('copies an image with its referrers to another registry', async () => {
    await pushImage('promoted:v1');
    const attach = ['artifact', 'put', '--artifact-type', 'sbom/example', '--subject', inSource('promoted:v1')];
    await clients.run('regctl', attach, { input: '{"contents": "good"}' });
    await clients.run('regctl', ['image', 'copy', '--referrers', inSource('promoted:v1'), inTarget('promoted:v1')]);
    const list = await clients.run('regctl', ['artifact', 'list', '--format', 'body', inTarget('promoted:v1')]);
    expect((JSON.parse(list) as { manifests: Descriptor[] }).manifests.map(({ artifactType }) => artifactType)).toEqual(
      ['sbom/example'],
    );
    const got = await clients.run('regctl', ['artifact', 'get', '--subject', inTarget('promoted:v1')]);
    expect(got).toContain('good');
  });
});
