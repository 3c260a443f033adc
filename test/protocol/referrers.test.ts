import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess } from '../support/registry.js';
import { artifact, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, ociImage, ociIndex, pushImage } from '../support/images.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  freshBytes,
  V2Client,
  type Answer,
  type Descriptor,
  type Repository,
} from '../support/v2client.js';

let registry: RegistryProcess;
let alice: V2Client;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  alice = new V2Client(registry, 'alice');
  repository = alice.repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

type Index = { readonly schemaVersion: number; readonly mediaType: string; readonly manifests: readonly Descriptor[] };

const SBOM = 'application/vnd.example.sbom+json';
const SIGNATURE = 'application/vnd.example.signature';

async function referrers(subject: string, query = '', from = repository): Promise<readonly Descriptor[]> {
  const answer = expectStatus(await from.get(`referrers/${subject}${query}`), 200);
  return answer.json<Index>().manifests;
}

describe('the list of referrers', () => {
  it('DS-111 DS-112 DS-114 DS-115 DS-120 DS-213 is an empty index for what nobody refers to', async () => {
    const fresh = alice.repository('alice/never-pushed');
    await pushImage(repository, 'v1');
    for (const [where, digest] of [
      [repository, digestOf('unknown')],
      [repository, digestOf('unknown', 'sha512')],
      [fresh, digestOf('unknown')],
    ] as const) {
      const answer = await where.get(`referrers/${digest}`);
      expect([answer.status, answer.header('content-type'), answer.header('link')]).toEqual([
        200,
        OCI_INDEX,
        undefined,
      ]);
      expect(answer.json()).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
    }
  });

  it('DS-113 answers 400 to an invalid digest', async () => {
    expect((await repository.get('referrers/sha256:nothing')).refusal).toEqual([400, 'DIGEST_INVALID']);
    expect((await repository.get('referrers/latest')).refusal).toEqual([400, 'DIGEST_INVALID']);
  });

  it('DS-116 DS-117 DS-118 DS-119 DS-137 describes images and indexes, in the order of their push', async () => {
    const subject = await pushImage(repository);
    const annotations = { 'org.example.a': '1', 'org.example.b': '2' };
    const typed = await repository.pushManifest(
      await artifact(repository, SBOM, { subject, annotations }),
      OCI_MANIFEST,
    );
    const untyped = await repository.pushManifest(await ociImage(repository, { subject }), OCI_MANIFEST);
    const typedIndex = await repository.pushManifest(
      ociIndex([], { subject, artifactType: SIGNATURE }),
      OCI_INDEX,
      'tagged',
    );
    const plainIndex = await repository.pushManifest(
      ociIndex([], { subject, annotations: { only: 'this' } }),
      OCI_INDEX,
    );
    expect(await referrers(subject.digest)).toEqual([
      { ...typed, artifactType: SBOM, annotations },
      { ...untyped, artifactType: OCI_CONFIG },
      { ...typedIndex, artifactType: SIGNATURE },
      { ...plainIndex, annotations: { only: 'this' } },
    ]);
  });

  it('DS-123 DS-124 DS-125 DS-211 is filtered by artifactType, and says so', async () => {
    const subject = await pushImage(repository);
    const sbom = await repository.pushManifest(await artifact(repository, SBOM, { subject }), OCI_MANIFEST);
    const image = await repository.pushManifest(await ociImage(repository, { subject }), OCI_MANIFEST);
    const filtered = async (query: string): Promise<[string[], string | undefined]> => {
      const answer = await repository.get(`referrers/${subject.digest}${query}`);
      return [answer.json<Index>().manifests.map(({ digest }) => digest), answer.header('oci-filters-applied')];
    };
    expect(await filtered(`?artifactType=${encodeURIComponent(SBOM)}`)).toEqual([[sbom.digest], 'artifactType']);
    expect(await filtered(`?artifactType=${SBOM}`)).toEqual([[sbom.digest], 'artifactType']);
    expect(await filtered(`?artifactType=${encodeURIComponent(OCI_CONFIG)}`)).toEqual([[image.digest], 'artifactType']);
    expect(await filtered('?artifactType=none/such&other=filter')).toEqual([[], 'artifactType']);
    expect(await filtered('?other=filter')).toEqual([[sbom.digest, image.digest], undefined]);
  });

  it('DS-229 has the children of an index that have a subject beside the index', async () => {
    const subject = await pushImage(repository);
    const child = await repository.pushManifest(await artifact(repository, SBOM, { subject }), OCI_MANIFEST);
    const index = await repository.pushManifest(ociIndex([child], { subject }), OCI_INDEX, 'with-children');
    expect((await referrers(subject.digest)).map(({ digest }) => digest)).toEqual([child.digest, index.digest]);
  });

  it('follows the digest text: sha512 subjects and referrers', async () => {
    const bytes = Buffer.from(JSON.stringify(await ociImage(repository)));
    const subject = { mediaType: OCI_MANIFEST, digest: digestOf(bytes, 'sha512'), size: bytes.byteLength };
    expectStatus(await repository.putManifest(bytes, OCI_MANIFEST, subject.digest), 201);
    const referrer = Buffer.from(JSON.stringify(await artifact(repository, SBOM, { subject })));
    const digest = digestOf(referrer, 'sha512');
    const pushed = await repository.putManifest(referrer, OCI_MANIFEST, digest);
    expect(pushed.header('oci-subject')).toBe(subject.digest);
    expect((await referrers(subject.digest)).map((descriptor) => descriptor.digest)).toEqual([digest]);
    expect(await referrers(digestOf(bytes))).toEqual([]);
  });

  it('has referrers of referrers one level at a time, and loses what is deleted', async () => {
    const subject = await pushImage(repository);
    const sbom = await repository.pushManifest(await artifact(repository, SBOM, { subject }), OCI_MANIFEST);
    const signature = await repository.pushManifest(
      await artifact(repository, SIGNATURE, { subject: sbom }),
      OCI_MANIFEST,
    );
    expect((await referrers(subject.digest)).map(({ digest }) => digest)).toEqual([sbom.digest]);
    expect((await referrers(sbom.digest)).map(({ digest }) => digest)).toEqual([signature.digest]);
    expectStatus(await repository.delete(`manifests/${subject.digest}`), 202);
    expect((await referrers(subject.digest)).map(({ digest }) => digest)).toEqual([sbom.digest]);
    expectStatus(await repository.delete(`manifests/${sbom.digest}`), 202);
    expect(await referrers(subject.digest)).toEqual([]);
  });

  it('reads annotations that are too large for an event from the manifest', async () => {
    const subject = await pushImage(repository);
    const annotations = { large: freshBytes(20_000).toString('hex'), small: 'too' };
    await repository.pushManifest(await artifact(repository, SBOM, { subject, annotations }), OCI_MANIFEST);
    expect((await referrers(subject.digest))[0]?.annotations).toEqual(annotations);
  });

  it('DS-121 DS-122 is paged when it does not fit, with the filter kept', async () => {
    const subject = await pushImage(repository);
    const pushed: string[] = [];
    for (let number = 0; number < 5; number++) {
      const annotations = { number: String(number), large: 'x'.repeat(2_000_000) };
      const { digest } = await repository.pushManifest(
        await artifact(repository, SBOM, { subject, annotations }),
        OCI_MANIFEST,
      );
      pushed.push(digest);
    }
    await repository.pushManifest(await artifact(repository, SIGNATURE, { subject }), OCI_MANIFEST);
    const listed: string[] = [];
    let pages = 0;
    let path: string | undefined = `referrers/${subject.digest}?artifactType=${encodeURIComponent(SBOM)}`;
    while (path !== undefined) {
      const answer: Answer = expectStatus(await repository.get(path), 200);
      expect(answer.header('oci-filters-applied')).toBe('artifactType');
      listed.push(...answer.json<Index>().manifests.map(({ digest }) => digest));
      const link = answer.header('link');
      if (link !== undefined) expect(link).toMatch(/^<\/v2\/alice\/app\/referrers\/[^>]+>; rel="next"$/);
      path = link === undefined ? undefined : /^<([^>]+)>/.exec(link)?.[1];
      pages++;
    }
    expect(listed).toEqual(pushed);
    expect(pages).toBe(2);
  });
});

describe('referrers whose annotations stand in large manifests', () => {
  it('come in pages of what is read for them, though the answer stays small', async () => {
    const subject = await pushImage(repository);
    const pushed: string[] = [];
    for (let number = 0; number < 6; number++) {
      const annotations = { number: String(number), large: 'x'.repeat(100_000) };
      const large = await artifact(repository, SBOM, { subject, annotations, padding: 'x'.repeat(3_800_000) });
      pushed.push((await repository.pushManifest(large, OCI_MANIFEST)).digest);
    }
    const first = expectStatus(await repository.get(`referrers/${subject.digest}`), 200);
    const next = /^<([^>]+)>; rel="next"$/.exec(first.header('link') ?? '')?.[1] ?? '';
    const second = expectStatus(await repository.get(next), 200);
    const pages = [first, second].map((answer) => answer.json<Index>().manifests.map(({ digest }) => digest));
    expect(pages).toEqual([pushed.slice(0, 4), pushed.slice(4)]);
    expect(second.header('link')).toBeUndefined();
  });
});

describe('without the referrers API', () => {
  const fallbackTag = (digest: string): string => digest.replace(':', '-');

  it('DS-135 DS-136 DS-160 clients keep a tag, and its entries are listed once the API is on', async () => {
    await registry.restart('SIGTERM', { FEATURE_REFERRERS_API: 'false' });
    const subject = await pushImage(repository, 'fallback');
    const referrer = Buffer.from(
      JSON.stringify(await artifact(repository, SBOM, { subject, annotations: { a: 'b' } })),
    );
    const answer = expectStatus(await repository.putManifest(referrer, OCI_MANIFEST), 201);
    expect(answer.header('oci-subject')).toBeUndefined();
    expect((await repository.get(`referrers/${subject.digest}`)).refusal).toEqual([404, 'UNSUPPORTED']);
    const entry = {
      ...{ mediaType: OCI_MANIFEST, digest: digestOf(referrer), size: referrer.byteLength },
      ...{ artifactType: SBOM, annotations: { a: 'b' } },
    };
    const stranger = await pushImage(repository);
    const index = ociIndex([entry, stranger]);
    await repository.pushManifest(index, OCI_INDEX, fallbackTag(subject.digest));
    expect((await repository.get(`manifests/${fallbackTag(subject.digest)}`)).json()).toEqual(index);

    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_REFERRERS_API: 'true' });
    expect(await referrers(subject.digest)).toEqual([entry]);
    const later = await repository.pushManifest(await artifact(repository, SIGNATURE, { subject }), OCI_MANIFEST);
    expect((await referrers(subject.digest)).map(({ digest }) => digest)).toEqual([entry.digest, later.digest]);
  });
});
