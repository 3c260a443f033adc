import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { contentsOf, Layout } from '../support/layout.js';
import { RegistryProcess } from '../support/registry.js';
import { V2Client, type Descriptor } from '../support/v2client.js';

let registry: RegistryProcess;
let clients: Clients;
let image: Descriptor;
let index: Descriptor;

/** Paths of layouts with one image and with one index. */
let single: string;
let multi: string;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  clients = await Clients.create();
  for (const tool of ['skopeo', 'podman', 'buildah', 'crane', 'regctl', 'oras'] as const) {
    await clients.login(tool, registry.host, 'alice');
  }
  [single, multi] = [clients.path('single'), clients.path('multi')];
  const one = await Layout.create(single);
  image = await one.putImage({ hello: 'hello from one image\n' });
  await one.name('v1', image);
  const many = await Layout.create(multi);
  index = await many.putMultiArch('hello');
  await many.name('v1', index);
});
afterAll(async () => {
  await registry.stop();
  await clients.remove();
});

const reference = (name: string): string => `${registry.host}/alice/${name}`;
const served = async (name: string, tag = 'v1'): Promise<string | undefined> =>
  (await new V2Client(registry, 'alice').repository(`alice/${name}`).head(`manifests/${tag}`)).header(
    'docker-content-digest',
  );
const pulled = (name: string): string => clients.path('pulled', name);

describe('skopeo', () => {
  const http = ['--src-tls-verify=false', '--dest-tls-verify=false'];

  it('pushes an index with all its images and pulls the same bytes back', async () => {
    await clients.run('skopeo', ['copy', '--all', ...http, `oci:${multi}:v1`, `docker://${reference('skopeo')}:v1`]);
    expect(await served('skopeo')).toBe(index.digest);
    const to = await Layout.create(pulled('skopeo'));
    await clients.run('skopeo', [
      'copy',
      '--all',
      ...http,
      `docker://${reference('skopeo')}:v1`,
      `oci:${to.folder}:v1`,
    ]);
    expect(await contentsOf(to.folder)).toEqual(await contentsOf(multi));
  });

  it('finds the image for this platform, lists tags, and copies inside the registry', async () => {
    const inspected = await clients.run('skopeo', [
      'inspect',
      '--tls-verify=false',
      `docker://${reference('skopeo')}:v1`,
    ]);
    expect(JSON.parse(inspected)).toMatchObject({ Digest: index.digest, Architecture: 'amd64', RepoTags: ['v1'] });
    const [from, to] = [`docker://${reference('skopeo')}:v1`, `docker://${reference('skopeo-copy')}:v2`];
    await clients.run('skopeo', ['copy', '--all', ...http, from, to]);
    expect(await served('skopeo-copy', 'v2')).toBe(index.digest);
    const listed = await clients.run('skopeo', [
      'list-tags',
      '--tls-verify=false',
      `docker://${reference('skopeo-copy')}`,
    ]);
    expect(JSON.parse(listed)).toMatchObject({ Tags: ['v2'] });
  });

  it('pushes schema 2 of Docker', async () => {
    await clients.run('skopeo', [
      'copy',
      ...http,
      '--format',
      'v2s2',
      `oci:${single}:v1`,
      `docker://${reference('docker')}:v1`,
    ]);
    const raw = await clients.run('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${reference('docker')}:v1`,
    ]);
    expect(JSON.parse(raw)).toMatchObject({ mediaType: 'application/vnd.docker.distribution.manifest.v2+json' });
  });

  it('pushes schema 1 of Docker, signed', async () => {
    await clients.run('skopeo', [
      'copy',
      ...http,
      '--format',
      'v2s1',
      `oci:${single}:v1`,
      `docker://${reference('old')}:v1`,
    ]);
    const raw = await clients.run('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${reference('old')}:v1`,
    ]);
    expect(JSON.parse(raw)).toMatchObject({ schemaVersion: 1, tag: 'v1' });
  });

  it('deletes what a tag points at', async () => {
    await clients.run('skopeo', ['copy', ...http, `oci:${single}:v1`, `docker://${reference('gone')}:v1`]);
    await clients.run('skopeo', ['delete', '--tls-verify=false', `docker://${reference('gone')}:v1`]);
    expect(await served('gone')).toBeUndefined();
  });
});

describe('crane', () => {
  it('pushes an index and pulls the same bytes back', async () => {
    await clients.run('crane', ['push', '--insecure', multi, `${reference('crane')}:v1`, '--index']);
    expect(await served('crane')).toBeDefined();
    await clients.run('crane', ['copy', '--insecure', `${reference('crane')}:v1`, `${reference('crane-copy')}:v1`]);
    expect(await served('crane-copy')).toBe(await served('crane'));
    await clients.run('crane', ['pull', '--insecure', '--format', 'oci', `${reference('crane')}:v1`, pulled('crane')]);
    expect(await contentsOf(pulled('crane'))).toEqual(expect.arrayContaining(await contentsOf(multi)));
  });

  it('lists repositories and tags, tags, and deletes', async () => {
    const digest = (await clients.run('crane', ['digest', '--insecure', `${reference('crane')}:v1`])).trim();
    await clients.run('crane', ['tag', '--insecure', `${reference('crane')}:v1`, 'v2']);
    expect(await clients.run('crane', ['ls', '--insecure', reference('crane')])).toBe('v1\nv2\n');
    expect((await clients.run('crane', ['catalog', '--insecure', registry.host])).split('\n')).toContain('alice/crane');
    await clients.run('crane', ['delete', '--insecure', `${reference('crane')}:v2`]);
    expect(await served('crane', 'v2')).toBeUndefined();
    await clients.run('crane', ['delete', '--insecure', `${reference('crane')}@${digest}`]);
    expect(await served('crane')).toBeUndefined();
  });
});

describe('regctl', () => {
  it('copies an index in and out again, and deletes its tag', async () => {
    await clients.run('regctl', ['image', 'copy', `ocidir://${multi}:v1`, `${reference('regctl')}:v1`]);
    await clients.run('regctl', ['image', 'copy', `ocidir://${multi}:v1`, `${reference('regctl')}:v2`]);
    expect(await served('regctl')).toBe(index.digest);
    await clients.run('regctl', ['image', 'copy', `${reference('regctl')}:v1`, `ocidir://${pulled('regctl')}:v1`]);
    expect(await contentsOf(pulled('regctl'))).toEqual(await contentsOf(multi));
    await clients.run('regctl', ['tag', 'delete', `${reference('regctl')}:v1`]);
    expect(await clients.run('regctl', ['tag', 'ls', reference('regctl')])).toBe('v2\n');
    expect(await served('regctl', 'v2')).toBe(index.digest);
  });

  it('uploads a blob in chunks', async () => {
    const bytes = Buffer.alloc(5_000_000, 'chunk');
    const chunked = ['--blob-chunk', '1000000', '--blob-max', '2000000'];
    await clients.run('regctl', ['registry', 'set', ...chunked, '--skip-check', registry.host]);
    const file = await clients.write('large', bytes);
    const digest = await clients.run('regctl', ['blob', 'put', reference('regctl')], {
      input: await readFile(file, 'utf8'),
    });
    const answer = await new V2Client(registry, 'alice').repository('alice/regctl').get(`blobs/${digest.trim()}`);
    expect(answer.body.equals(bytes)).toBe(true);
  });
});

describe('podman', () => {
  it('pulls, tags, pushes and pulls again, and the image has the same id', async () => {
    await clients.run('skopeo', [
      'copy',
      '--dest-tls-verify=false',
      `oci:${single}:v1`,
      `docker://${reference('podman')}:v1`,
    ]);
    const id = (await clients.run('podman', ['pull', '--tls-verify=false', `${reference('podman')}:v1`])).trim();
    await clients.run('podman', ['tag', id, `${reference('podman')}:v2`]);
    await clients.run('podman', ['push', '--tls-verify=false', `${reference('podman')}:v2`]);
    await clients.run('podman', ['rmi', '--all', '--force']);
    expect((await clients.run('podman', ['pull', '--tls-verify=false', `${reference('podman')}:v2`])).trim()).toBe(id);
  });

  it('pushes layers in zstd:chunked and pulls them again', async () => {
    const file = await clients.write('chunked/hello', 'hello in chunks\n'.repeat(10_000));
    const container = (await clients.run('buildah', ['from', 'scratch'])).trim();
    await clients.run('buildah', ['copy', container, file, '/hello']);
    const id = (await clients.run('buildah', ['commit', container, `${reference('zstd')}:v1`])).trim();
    await clients.run('buildah', ['rm', container]);
    const zstd = ['push', '--tls-verify=false', '--format', 'oci', '--compression-format', 'zstd:chunked'];
    await clients.run('podman', [...zstd, `${reference('zstd')}:v1`]);
    const raw = await clients.run('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${reference('zstd')}:v1`,
    ]);
    expect(JSON.parse(raw)).toMatchObject({
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
          annotations: { 'io.containers.zstd-chunked.manifest-checksum': expect.stringMatching(/^sha256:/) },
        },
      ],
    });
    await clients.run('podman', ['rmi', '--all', '--force']);
    expect((await clients.run('podman', ['pull', '--tls-verify=false', `${reference('zstd')}:v1`])).trim()).toBe(id);
  });
});

describe('buildah', () => {
  it('builds an image from nothing, pushes it, and it can be pulled', async () => {
    const file = await clients.write('built/hello', 'hello from buildah\n');
    const container = (await clients.run('buildah', ['from', 'scratch'])).trim();
    await clients.run('buildah', ['copy', container, file, '/hello']);
    await clients.run('buildah', ['commit', container, `${reference('buildah')}:v1`]);
    await clients.run('buildah', ['push', '--tls-verify=false', `${reference('buildah')}:v1`]);
    await clients.run('buildah', ['rm', container]);
    await clients.run('buildah', ['rmi', '--all', '--force']);
    expect(await served('buildah')).toMatch(/^sha256:/);
    await clients.run('buildah', ['pull', '--tls-verify=false', `${reference('buildah')}:v1`]);
  });
});
