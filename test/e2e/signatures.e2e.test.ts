import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { Layout } from '../support/layout.js';
import { RegistryProcess } from '../support/registry.js';
import { V2Client, type Descriptor } from '../support/v2client.js';

let registry: RegistryProcess;
let clients: Clients;
let image: Descriptor;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  clients = await Clients.create();
  for (const tool of ['crane', 'cosign', 'oras', 'skopeo'] as const) await clients.login(tool, registry.host, 'alice');
  const layout = await Layout.create(clients.path('layout'));
  image = await layout.putImage({ hello: 'to be signed\n' });
  await layout.name('v1', image);
  for (const name of ['cosign', 'bundle', 'notation']) {
    const to = `docker://${registry.host}/alice/${name}:v1`;
    await clients.run('skopeo', ['copy', '--dest-tls-verify=false', `oci:${layout.folder}:v1`, to]);
  }
});
afterAll(async () => {
  await registry.stop();
  await clients.remove();
});

const signed = (name: string): string => `${registry.host}/alice/${name}@${image.digest}`;
const tagsOf = async (name: string): Promise<string[]> =>
  (await new V2Client(registry, 'alice').repository(`alice/${name}`).get('tags/list')).json<{ tags: string[] }>().tags;

describe('cosign', () => {
  const offline = ['--allow-http-registry', '--key'];
  beforeAll(async () => {
    await clients.run('cosign', ['generate-key-pair']);
  });

  it('signs under a tag and verifies; what was not signed is not verified', async () => {
    const sign = ['sign', '-y', '--tlog-upload=false', ...offline, 'cosign.key'];
    const verify = ['verify', '--insecure-ignore-tlog=true', ...offline, 'cosign.pub'];
    await clients.refused('cosign', [...verify, signed('cosign')]);
    await clients.run('cosign', [...sign, signed('cosign')]);
    expect(await tagsOf('cosign')).toEqual([`${image.digest.replace(':', '-')}.sig`, 'v1']);
    expect(await clients.run('cosign', [...verify, signed('cosign')])).toContain(image.digest);
  });

  it('loses the signature with the last tag of what it signs', async () => {
    await clients.run('crane', ['delete', '--insecure', `${registry.host}/alice/cosign:v1`]);
    expect(await tagsOf('cosign')).toEqual([]);
  });

  it('attaches an attestation', async () => {
    const predicate = await clients.write('predicate.json', '{"kind": "test"}');
    const attest = [
      'attest',
      '-y',
      '--tlog-upload=false',
      '--predicate',
      predicate,
      '--type',
      'custom',
      ...offline,
      'cosign.key',
    ];
    await clients.run('cosign', [...attest, signed('bundle')]);
    const verify = ['verify-attestation', '--insecure-ignore-tlog=true', '--type', 'custom', ...offline, 'cosign.pub'];
    expect(await clients.run('cosign', [...verify, signed('bundle')])).toContain('payload');
    expect(await tagsOf('bundle')).toEqual([`${image.digest.replace(':', '-')}.att`, 'v1']);
  });
});

describe('notation', () => {
  it('signs as a referrer, lists and verifies', async () => {
    const credentials = { NOTATION_USERNAME: 'alice', NOTATION_PASSWORD: 'password1' };
    const notation = (...args: string[]): Promise<string> => clients.run('notation', args, { env: credentials });
    await notation('cert', 'generate-test', '--default', 'tidemark.example');
    const policy = {
      version: '1.0',
      trustPolicies: [
        {
          ...{ name: 'all', registryScopes: ['*'], signatureVerification: { level: 'strict' } },
          ...{ trustStores: ['ca:tidemark.example'], trustedIdentities: ['*'] },
        },
      ],
    };
    await notation('policy', 'import', await clients.write('trustpolicy.json', JSON.stringify(policy)));
    const verify = ['verify', '--insecure-registry', signed('notation')];
    await clients.refused('notation', verify, { env: credentials });
    await notation('sign', '--insecure-registry', '--force-referrers-tag=false', signed('notation'));
    expect(await notation(...verify)).toContain('Successfully verified');
    expect(await notation('ls', '--insecure-registry', signed('notation'))).toContain(
      'application/vnd.cncf.notary.signature',
    );
    const repository = new V2Client(registry, 'alice').repository('alice/notation');
    const { manifests } = (await repository.get(`referrers/${image.digest}`)).json<{ manifests: Descriptor[] }>();
    expect(manifests.map(({ artifactType }) => artifactType)).toEqual(['application/vnd.cncf.notary.signature']);
    expect(await tagsOf('notation')).toEqual(['v1']);
    // By default it keeps the tag of old registries up to date instead: that is seen all the same.
    await notation('sign', '--insecure-registry', signed('notation'));
    expect(await tagsOf('notation')).toEqual([image.digest.replace(':', '-'), 'v1']);
    const both = (await repository.get(`referrers/${image.digest}`)).json<{ manifests: Descriptor[] }>().manifests;
    expect(both).toHaveLength(2);
  });
});
