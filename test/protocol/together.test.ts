import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess } from '../support/registry.js';
import { OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client, type Repository } from '../support/v2client.js';

let registry: RegistryProcess;
let alice: V2Client;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  alice = new V2Client(registry, 'alice');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const tagsOf = async (repository: Repository): Promise<string[]> =>
  (await repository.get('tags/list')).json<{ tags: string[] }>().tags;

describe('a read', () => {
  it('is no older than the position that it names', async () => {
    const repository = alice.repository('alice/position');
    await pushImage(repository, 'v1');
    const position = (await repository.get('tags/list')).header('tidemark-position') ?? '';
    const answer = await repository.get('manifests/v1', { 'Tidemark-Min-Position': position });
    expect(answer.status).toBe(200);
    expect(BigInt(answer.header('tidemark-position') ?? 0)).toBeGreaterThanOrEqual(BigInt(position));
    const wrong = await repository.get('manifests/v1', { 'Tidemark-Min-Position': 'yesterday' });
    expect(wrong.refusal).toEqual([400, 'UNSUPPORTED']);
  });
});

describe('pushes at the same time', () => {
  it('make one repository, and each tag is there as soon as its push is answered', async () => {
    const repository = alice.repository('alice/first');
    await repository.token();
    const found = await Promise.all(
      numbers(16).map(async (number) => {
        const { digest } = await pushImage(repository, `t${number}`);
        const served = (await repository.head(`manifests/t${number}`)).header('docker-content-digest');
        return served === digest && (await tagsOf(repository)).includes(`t${number}`);
      }),
    );
    expect(found).toEqual(Array(16).fill(true));
    expect(await tagsOf(repository)).toHaveLength(16);
  });

  it('to one tag all succeed, and one of them is what it means', async () => {
    const repository = alice.repository('alice/same');
    const images = await Promise.all(numbers(8).map(async () => JSON.stringify(await ociImage(repository))));
    const answers = await Promise.all(images.map((image) => repository.putManifest(image, OCI_MANIFEST, 'latest')));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    const served = (await repository.head('manifests/latest')).header('docker-content-digest');
    expect(images.map((image) => digestOf(image))).toContain(served);
  });

  it('of the same blob all succeed, in several repositories', async () => {
    const bytes = freshBytes(300_000);
    const repositories = numbers(4).map((number) => alice.repository(`alice/shared-${number}`));
    const answers = await Promise.all(
      repositories.flatMap((repository) =>
        (['post', 'streamed', 'chunked'] as const).map((flow) => repository.upload(flow, bytes, digestOf(bytes))),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    for (const repository of repositories) {
      expect((await repository.get(`blobs/${digestOf(bytes)}`)).body.equals(bytes)).toBe(true);
    }
  });

  it('and a delete leave either the tag or nothing', async () => {
    const repository = alice.repository('alice/race');
    await pushImage(repository, 'v1');
    const image = JSON.stringify(await ociImage(repository));
    const [deleted, pushed] = await Promise.all([
      repository.delete('manifests/v1'),
      repository.putManifest(image, OCI_MANIFEST, 'v1'),
    ]);
    expect([deleted.status, pushed.status]).toEqual([202, 201]);
    const answer = await repository.get('manifests/v1');
    if (answer.status !== 404) expect(answer.header('docker-content-digest')).toBe(digestOf(image));
    expect((await tagsOf(repository)).includes('v1')).toBe(answer.status === 200);
  });

  it('of an index and the delete of its child never leave an index without it', async () => {
    const repository = alice.repository('alice/child-race');
    for (const number of numbers(5)) {
      const child = await pushImage(repository);
      const type = 'application/vnd.oci.image.index.v1+json';
      const index = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [child] });
      const [pushed] = await Promise.all([
        repository.putManifest(index, type, `index${number}`),
        repository.delete(`manifests/${child.digest}`),
      ]);
      const indexServed = (await repository.get(`manifests/index${number}`)).status === 200;
      const childServed = (await repository.get(`manifests/${child.digest}`)).status === 200;
      expect([pushed.status === 201, childServed]).toEqual([indexServed, indexServed]);
    }
  });
});
