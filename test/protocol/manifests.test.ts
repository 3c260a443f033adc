import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import {
  blob,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  dockerImage,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER,
  OCI_MANIFEST,
  ociImage,
  ociIndex,
  pushImage,
} from '../support/images.js';
import { closeConnections, digestOf, freshBytes, locationOf, V2Client, type Repository } from '../support/v2client.js';

let registry: ControlledRegistry;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const text = (document: object): Buffer => Buffer.from(JSON.stringify(document));

describe('PUT of a manifest', () => {
  it('DS-082 DS-083 DS-084 answers 201 with a Location that can be pulled and the digest', async () => {
    const bytes = text(await ociImage(repository));
    for (const reference of ['v1', digestOf(bytes), digestOf(bytes, 'sha512')]) {
      const digest = reference.startsWith('sha512') ? reference : digestOf(bytes);
      const answer = await repository.putManifest(bytes, OCI_MANIFEST, reference);
      expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digest]);
      expect(locationOf(answer)).toBe(`/v2/alice/app/manifests/${digest}`);
      const pulled = await repository.get(locationOf(answer));
      expect(pulled.body.equals(bytes)).toBe(true);
      expect(pulled.header('docker-content-digest')).toBe(digest);
    }
  });

  it('DS-209 takes an image without layers, an index without manifests, and one blob as config and layer', async () => {
    const both = await blob(repository, 'application/vnd.example', '{}');
    for (const image of [
      await ociImage(repository, { layers: [] }),
      await ociImage(repository, { config: both, layers: [both] }),
    ]) {
      expect((await repository.putManifest(text(image), OCI_MANIFEST)).status).toBe(201);
    }
    expect((await repository.putManifest(text(ociIndex([])), OCI_INDEX, 'empty')).status).toBe(201);
  });

  it('DS-210 keeps members that it does not know', async () => {
    const bytes = text(await ociImage(repository, { org_example: { deep: [null, 1.5e300, 'ü'] } }));
    await repository.putManifest(bytes, OCI_MANIFEST, 'custom');
    expect((await repository.get('manifests/custom')).body.equals(bytes)).toBe(true);
  });

  it('takes images and lists of Docker, and nested indexes', async () => {
    const image = await repository.pushManifest(await dockerImage(repository), DOCKER_MANIFEST, 'docker');
    const entry = { ...image, platform: { architecture: 'amd64', os: 'linux' } };
    const list = { schemaVersion: 2, mediaType: DOCKER_LIST, manifests: [entry] };
    const pushed = await repository.pushManifest(list, DOCKER_LIST, 'list');
    const outer = await repository.pushManifest(ociIndex([pushed, await pushImage(repository)]), OCI_INDEX, 'nested');
    expect((await repository.get(`manifests/${outer.digest}`)).header('content-type')).toBe(OCI_INDEX);
    const wrong = { ...list, manifests: [image] };
    expect((await repository.putManifest(text(wrong), DOCKER_LIST)).refusal).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('DS-076 ignores parameters of the Content-Type, and finds the type of a document that has none', async () => {
    const bytes = text(await ociImage(repository));
    expect((await repository.putManifest(bytes, `${OCI_MANIFEST}; charset=utf-8`, 'parameters')).status).toBe(201);
    expect((await repository.get('manifests/parameters')).header('content-type')).toBe(OCI_MANIFEST);
    expect((await repository.putManifest(bytes, 'application/json', 'json')).status).toBe(201);
    expect((await repository.get('manifests/json')).header('content-type')).toBe(OCI_MANIFEST);
    expect((await repository.putManifest(text(ociIndex([], { mediaType: undefined })), '', 'guessed')).status).toBe(
      201,
    );
    expect((await repository.get('manifests/guessed')).header('content-type')).toBe(OCI_INDEX);
  });

  it.each(['application/vnd.oci.artifact.manifest.v1+json', 'text/plain', 'application/vnd.example+json'])(
    'answers 415 to the type %s',
    async (mediaType) => {
      const bytes = text(await ociImage(repository, { mediaType }));
      expect((await repository.putManifest(bytes, mediaType, 'foreign')).refusal).toEqual([415, 'MANIFEST_INVALID']);
    },
  );

  it('refuses what is no manifest of its type', async () => {
    const image = await ociImage(repository);
    const bad: [string | Uint8Array, string][] = [
      ['', OCI_MANIFEST],
      ['not json', OCI_MANIFEST],
      ['[]', OCI_MANIFEST],
      [Buffer.from([0x7b, 0xff, 0x7d]), OCI_MANIFEST],
      [text({ ...image, mediaType: OCI_INDEX }), OCI_MANIFEST],
      [text({ ...image, schemaVersion: 1 }), OCI_MANIFEST],
      [text({ ...image, config: undefined }), OCI_MANIFEST],
      [text({ ...image, annotations: { a: 1 } }), OCI_MANIFEST],
      [text({ ...image, layers: [{ mediaType: 'none', digest: digestOf('x'), size: 1 }] }), OCI_MANIFEST],
      [text({ ...image, layers: [{ mediaType: OCI_LAYER, digest: 'sha256:x', size: 1 }] }), OCI_MANIFEST],
      [text({ ...image, layers: [{ mediaType: OCI_LAYER, digest: digestOf('x'), size: -1 }] }), OCI_MANIFEST],
      [text({ ...image, subject: 'x' }), OCI_MANIFEST],
    ];
    for (const [bytes, mediaType] of bad) {
      const answer = await repository.putManifest(bytes, mediaType, 'bad');
      expect(answer.refusal).toEqual([400, 'MANIFEST_INVALID']);
    }
    expect((await repository.get('manifests/bad')).status).toBe(404);
  });

  it('DS-205 answers 400 when the digest in the URL is not that of the body', async () => {
    const bytes = text(await ociImage(repository));
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const answer = await repository.putManifest(bytes, OCI_MANIFEST, digestOf('other', algorithm));
      expect(answer.refusal).toEqual([400, 'DIGEST_INVALID']);
    }
    expect((await repository.get(`manifests/${digestOf(bytes)}`)).status).toBe(404);
  });

  it('DS-028 DS-029 names each blob and each child that is missing in this repository', async () => {
    const elsewhere = await new V2Client(registry, 'alice').repository('alice/elsewhere').pushBlob(freshBytes());
    const absent = [digestOf('config'), elsewhere, digestOf('layer', 'sha512')] as const;
    const descriptors = absent.map((digest) => ({ mediaType: OCI_LAYER, digest, size: 512 }));
    const image = await ociImage(repository, {
      config: { ...descriptors[0], mediaType: OCI_CONFIG },
      layers: descriptors.slice(1),
    });
    const answer = await repository.putManifest(text(image), OCI_MANIFEST, 'missing');
    expect(answer.status).toBe(400);
    expect(answer.errors.map(({ code }) => code)).toEqual(Array(3).fill('MANIFEST_BLOB_UNKNOWN'));
    expect(JSON.stringify(answer.errors.map(({ detail }) => detail))).toBe(
      JSON.stringify(absent.map((digest) => ({ digest }))),
    );
    const index = ociIndex([{ mediaType: OCI_MANIFEST, digest: digestOf('child'), size: 5 }]);
    expect((await repository.putManifest(text(index), OCI_INDEX)).refusal).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  });

  it('refuses a child whose size is not the stated one', async () => {
    const child = await pushImage(repository);
    const answer = await repository.putManifest(text(ociIndex([{ ...child, size: child.size + 1 }])), OCI_INDEX);
    expect(answer.refusal).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('DS-027 DS-093 takes a manifest whose subject is absent, and names the subject', async () => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const subject = { mediaType: OCI_MANIFEST, digest: digestOf('absent', algorithm), size: 7 };
      const image = text(await ociImage(repository, { subject }));
      for (const reference of [undefined, `with-subject`]) {
        const answer = await repository.putManifest(image, OCI_MANIFEST, reference);
        expect([answer.status, answer.header('oci-subject')]).toEqual([201, subject.digest]);
      }
      const index = await repository.putManifest(text(ociIndex([], { subject })), OCI_INDEX);
      expect([index.status, index.header('oci-subject')]).toEqual([201, subject.digest]);
    }
    expect(
      (await repository.putManifest(text(await ociImage(repository)), OCI_MANIFEST)).header('oci-subject'),
    ).toBeUndefined();
  });

  it('keeps data that stands in a descriptor', async () => {
    const layer = {
      ...(await blob(repository, 'text/plain', 'inline')),
      data: Buffer.from('inline').toString('base64'),
    };
    const bytes = text(await ociImage(repository, { layers: [layer] }));
    expect((await repository.putManifest(bytes, OCI_MANIFEST, 'data')).status).toBe(201);
    expect((await repository.get('manifests/data')).body.equals(bytes)).toBe(true);
  });

  it('needs no blob for layers that may not be distributed', async () => {
    const layers = [
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar',
    ].map((mediaType) => ({ mediaType, digest: digestOf(mediaType), size: 9, urls: ['https://example.com/layer'] }));
    expect((await repository.putManifest(text(await ociImage(repository, { layers })), OCI_MANIFEST)).status).toBe(201);
  });
});

describe('the size of a manifest', () => {
  const padded = async (size: number): Promise<Buffer> => {
    const image = await ociImage(repository, { annotations: { padding: '' } });
    const length = text(image).byteLength;
    return text({ ...image, annotations: { padding: 'x'.repeat(size - length) } });
  };

  it('DS-090 DS-091 DS-092 may be 4 MiB; above is 413', async () => {
    const limit = 4 * 1024 * 1024;
    const largest = await padded(limit);
    expect(largest.byteLength).toBe(limit);
    expect((await repository.putManifest(largest, OCI_MANIFEST, 'largest')).status).toBe(201);
    expect((await repository.get('manifests/largest')).body.equals(largest)).toBe(true);
    const larger = await repository.putManifest(Buffer.concat([largest, Buffer.from(' ')]), OCI_MANIFEST, 'larger');
    expect(larger.refusal).toEqual([413, 'MANIFEST_INVALID']);
  });

  it('DS-226 counts references: 4096 are taken, more are refused', async () => {
    const layer = await blob(repository, OCI_LAYER);
    const image = (layers: number): Promise<object> =>
      ociImage(repository, { layers: Array<object>(layers).fill(layer) });
    expect((await repository.putManifest(text(await image(4095)), OCI_MANIFEST)).status).toBe(201);
    const refused = await repository.putManifest(text(await image(4096)), OCI_MANIFEST);
    expect(refused.refusal).toEqual([400, 'MANIFEST_INVALID']);
    expect(refused.errors[0]?.message).toMatch(/4,?096/);
  });

  it('is no obstacle for many different references: they survive, and keep their blobs', async () => {
    const layers = await Promise.all(Array.from({ length: 300 }, () => blob(repository, OCI_LAYER, freshBytes(20))));
    const { digest } = await pushImage(repository, 'many', { layers });
    expect((await repository.get(`manifests/${digest}`)).status).toBe(200);
    expect((await repository.head(`blobs/${layers.at(-1)?.digest ?? ''}`)).status).toBe(200);
    expect((await repository.delete(`blobs/${layers.at(-1)?.digest ?? ''}`)).refusal).toEqual([405, 'DENIED']);
  });
});

describe('tag parameters', () => {
  it.each(['sha256', 'sha512'] as const)(
    'DS-085 DS-086 DS-088 DS-215 point tags at the %s digest of the URL',
    async (algorithm) => {
      const bytes = text(await ociImage(repository));
      const digest = digestOf(bytes, algorithm);
      const tags = Array.from({ length: 12 }, (_, number) => `${algorithm}-${number}`);
      const query = tags.map((tag) => `tag=${tag}`).join('&');
      const answer = await repository.putManifest(bytes, OCI_MANIFEST, `${digest}?${query}`);
      expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digest]);
      expect(answer.header('oci-tag')?.split(', ')).toEqual(tags);
      for (const tag of tags) {
        expect((await repository.head(`manifests/${tag}`)).header('docker-content-digest')).toBe(digest);
        expect((await repository.get(`manifests/${tag}`)).body.equals(bytes)).toBe(true);
      }
    },
  );

  it('DS-087 are refused with 414 when there are too many', async () => {
    const bytes = text(await ociImage(repository));
    const query = Array.from({ length: 101 }, (_, number) => `tag=t${number}`).join('&');
    const answer = await repository.putManifest(bytes, OCI_MANIFEST, `${digestOf(bytes)}?${query}`);
    expect(answer.refusal).toEqual([414, 'MANIFEST_INVALID']);
    expect((await repository.get('manifests/t0')).status).toBe(404);
  });

  it('store nothing when one of them is no tag, and are ignored on a PUT by tag', async () => {
    const bytes = text(await ociImage(repository));
    const answer = await repository.putManifest(bytes, OCI_MANIFEST, `${digestOf(bytes)}?tag=good&tag=-bad`);
    expect(answer.refusal).toEqual([400, 'MANIFEST_INVALID']);
    expect((await repository.get(`manifests/${digestOf(bytes)}`)).status).toBe(404);
    const byTag = await repository.putManifest(bytes, OCI_MANIFEST, 'plain?tag=ignored');
    expect([byTag.status, byTag.header('oci-tag')]).toEqual([201, undefined]);
    expect((await repository.get('manifests/ignored')).status).toBe(404);
  });
});
