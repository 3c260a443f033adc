import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_MANIFEST, pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client } from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  await registry.createUser('library');
  alice = new V2Client(registry, 'alice');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('the version check', () => {
  it('DS-150 answers 401 with a challenge to nobody, and 200 to any token', async () => {
    const nobody = await alice.send('GET', '/v2/');
    expect([nobody.status, nobody.text]).toEqual([401, 'true']);
    expect(nobody.header('www-authenticate')).toBe(
      `Bearer realm="http://${registry.host}/v2/auth",service="${registry.host}"`,
    );
    const token = await alice.token();
    for (const path of ['/v2/', '/v2']) {
      const answer = await alice.send('GET', path, { token });
      expect([answer.status, answer.text, answer.header('content-type')]).toEqual([200, 'true', 'application/json']);
      expect((await alice.send('HEAD', path, { token })).status).toBe(200);
    }
  });

  it('refuses Basic credentials and tokens that are none', async () => {
    const basic = await alice.send('GET', '/v2/', { headers: alice.basic });
    expect(basic.refusal).toEqual([401, 'UNAUTHORIZED']);
    expect(basic.header('www-authenticate')).toContain('Bearer realm=');
    expect((await alice.send('GET', '/v2/', { token: 'no.such.token' })).refusal).toEqual([401, 'UNAUTHORIZED']);
  });

  it('carries the version of the API and the position of the log on every answer', async () => {
    for (const path of ['/v2/', '/v2/alice/none/tags/list', '/v2/auth', '/v2/nothing/here', '/v2/_catalog']) {
      const answer = await alice.send('GET', path);
      expect(answer.header('docker-distribution-api-version')).toBe('registry/2.0');
      expect(answer.header('tidemark-position')).toMatch(/^\d+$/);
    }
  });
});

describe('repository names', () => {
  it.each(['alice/a', 'alice/a.b', 'alice/a__b', 'alice/a---b', 'alice/a/b/c', 'alice/blobs/manifests/tags'])(
    'DS-004 DS-001 takes %s',
    async (name) => {
      const repository = alice.repository(name);
      const { digest } = await pushImage(repository, 'v1');
      expect((await repository.get(`manifests/${digest}`)).status).toBe(200);
      expect((await repository.get('tags/list')).json()).toEqual({ name, tags: ['v1'] });
    },
  );

  it.each([
    'alice/A',
    'alice/a..b',
    'alice/a___b',
    'alice/-a',
    'alice/a-',
    'alice/a_',
    'alice/.a',
    'alice//a',
    'alice/a%2e%2e',
  ])('DS-004 answers 400 to %s', async (name) => {
    const token = await alice.token();
    const answer = await alice.send('GET', `/v2/${name}/tags/list`, { token });
    expect(answer.refusal).toEqual([400, 'NAME_INVALID']);
    const upload = await alice.send('POST', `/v2/${name}/blobs/uploads/`, { token });
    expect(upload.refusal).toEqual([400, 'NAME_INVALID']);
  });

  it('DS-173 refuses a name that makes host and name longer than 255', async () => {
    const longest = `alice/${'a'.repeat(255 - registry.host.length - 1 - 'alice/'.length)}`;
    expect(await pushImage(alice.repository(longest), 'v1')).toMatchObject({ mediaType: OCI_MANIFEST });
    const answer = await alice.send('GET', `/v2/${longest}a/tags/list`, { token: await alice.token() });
    expect(answer.refusal).toEqual([400, 'NAME_INVALID']);
  });

  it('takes a name of one segment for one of the library', async () => {
    const library = new V2Client(registry, 'library');
    await pushImage(library.repository('library/busybox'), 'v1');
    const challenge = (await alice.send('GET', '/v2/busybox/manifests/v1')).header('www-authenticate');
    expect(challenge).toContain('scope="repository:');
    const token = await library.token('repository:busybox:pull');
    expect((await library.send('GET', '/v2/busybox/manifests/v1', { token })).status).toBe(200);
  });
});

describe('references', () => {
  it('DS-005 DS-006 takes tags of 128 characters and no more', async () => {
    const repository = alice.repository('alice/tags');
    for (const tag of ['a'.repeat(128), '_', 'A.b-c_D', '0']) {
      await pushImage(repository, tag);
      expect((await repository.get(`manifests/${tag}`)).status).toBe(200);
    }
    for (const tag of ['a'.repeat(129), '-a', '.a', 'a+b', 'ä']) {
      const path = encodeURIComponent(tag);
      expect((await repository.get(`manifests/${path}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
      expect((await repository.putManifest('{}', OCI_MANIFEST, path)).refusal).toEqual([400, 'MANIFEST_INVALID']);
    }
  });

  it('DS-030 DS-204 answers 400 to digests that are malformed or of an unknown algorithm', async () => {
    const repository = alice.repository('alice/digests');
    await pushImage(repository, 'v1');
    const upper = digestOf('x').replace(/[a-f]/g, (letter) => letter.toUpperCase());
    const bad = [
      'sha256:baddigeststring',
      'sha256:abc',
      'md5:d41d8cd98f00b204e9800998ecf8427e',
      `sha512:${'a'.repeat(64)}`,
      upper,
    ];
    for (const digest of bad) {
      expect((await repository.get(`manifests/${digest}`)).refusal).toEqual([400, 'DIGEST_INVALID']);
      expect((await repository.get(`blobs/${digest}`)).refusal).toEqual([400, 'DIGEST_INVALID']);
      expect((await repository.delete(`blobs/${digest}`)).refusal).toEqual([400, 'DIGEST_INVALID']);
      expect((await repository.get(`referrers/${digest}`)).refusal).toEqual([400, 'DIGEST_INVALID']);
      expect((await repository.putManifest('{}', OCI_MANIFEST, digest)).refusal).toEqual([400, 'DIGEST_INVALID']);
      for (const query of [`digest=${digest}`, `mount=${digest}`]) {
        const post = await repository.send('POST', `blobs/uploads/?${query}`, { body: freshBytes() });
        expect(post.refusal).toEqual([400, 'DIGEST_INVALID']);
      }
      expect((await repository.close(await repository.beginUpload(), digest)).refusal).toEqual([400, 'DIGEST_INVALID']);
    }
  });

  it('takes the colon of a digest in its escaped form', async () => {
    const repository = alice.repository('alice/escaped');
    const { digest } = await pushImage(repository);
    expect((await repository.get(`manifests/${digest.replace(':', '%3A')}`)).status).toBe(200);
  });
});

describe('routes', () => {
  it('answers 405 with Allow to a method that a route does not have', async () => {
    const repository = alice.repository('alice/methods');
    await pushImage(repository, 'v1');
    const cases: [string, string, string][] = [
      ['POST', 'manifests/v1', 'GET, HEAD, PUT, DELETE'],
      ['PUT', `blobs/${digestOf('x')}`, 'GET, HEAD, DELETE'],
      ['GET', 'blobs/uploads/', 'POST'],
      ['DELETE', 'tags/list', 'GET'],
      ['PUT', `referrers/${digestOf('x')}`, 'GET, HEAD'],
    ];
    for (const [method, path, allowed] of cases) {
      const answer = await repository.send(method, path);
      expect(answer.refusal).toEqual([405, 'UNSUPPORTED']);
      expect(answer.header('allow')).toBe(allowed);
    }
  });

  it('DS-182 DS-183 knows no extensions and says so; no name has a segment that begins with _', async () => {
    for (const path of ['/v2/_oci/ext/discover', '/v2/alice/a/_oci/ext/discover', '/v2/_none/of/these']) {
      expect((await alice.send('GET', path, { token: await alice.token() })).refusal).toEqual([404, 'UNSUPPORTED']);
    }
    const answer = await alice.send('GET', '/v2/alice/_a/tags/list', { token: await alice.token() });
    expect(answer.refusal).toEqual([400, 'NAME_INVALID']);
  });
});
