import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_MANIFEST, pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client, type Answer, type Repository } from '../support/v2client.js';

let registry: ControlledRegistry;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
  await pushImage(repository, 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** Refusals of every route. */
async function refusals(): Promise<Answer[]> {
  const stranger = new V2Client(registry).repository('alice/app');
  return [
    await repository.get('manifests/none'),
    await repository.get('manifests/sha256:no'),
    await repository.get(`blobs/${digestOf('none')}`),
    await repository.delete('manifests/none'),
    await repository.delete(`blobs/${digestOf('none')}`),
    await repository.putManifest('{', OCI_MANIFEST, 'v1'),
    await repository.putManifest('{}', 'text/plain', 'v1'),
    await repository.get('referrers/none'),
    await repository.get('blobs/uploads/none'),
    await repository.send('PATCH', 'tags/list'),
    await stranger.get('tags/list'),
    await stranger.send('POST', 'blobs/uploads/'),
    await stranger.get('nothing'),
  ];
}

describe('a refusal', () => {
  it('DS-151 DS-152 DS-153 DS-154 DS-180 DS-227 says what is wrong in the form and the words of the spec', async () => {
    for (const answer of await refusals()) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.header('content-type')).toBe('application/json');
      expect(answer.header('content-length')).toBe(String(answer.body.byteLength));
      for (const { code, message, detail } of answer.errors) {
        expect(code).toMatch(/^[A-Z_]+$/);
        expect(message).not.toBe('');
        expect(typeof detail).toBe('object');
      }
    }
  });

  it('may be read by scripts of any page', async () => {
    for (const answer of await refusals()) {
      expect(answer.header('access-control-allow-origin')).toBe('*');
      expect(answer.header('access-control-allow-headers')).toBe('Authorization, Content-Type');
    }
  });

  it('DS-155 DS-156 comes without warnings, and so does what is fine', async () => {
    const fine = [await repository.get('manifests/v1'), await repository.get('tags/list')];
    for (const answer of [...fine, ...(await refusals())]) expect(answer.header('warning')).toBeUndefined();
  });

  it('leaves a connection usable, or closes it: the next request is not taken from the body of the last', async () => {
    const body = freshBytes(1_000_000);
    const stranger = new V2Client(registry).repository('alice/app');
    for (let round = 0; round < 5; round++) {
      expect((await stranger.send('PATCH', 'blobs/uploads/x', { body })).refusal).toEqual([401, 'UNAUTHORIZED']);
      expect((await stranger.send('PATCH', 'blobs/uploads/x', { body: [body] })).refusal).toEqual([
        401,
        'UNAUTHORIZED',
      ]);
      expect((await repository.get('manifests/v1')).status).toBe(200);
    }
  });
});

describe('a challenge', () => {
  it('asks for pull to read and for pull,push to write', async () => {
    const stranger = new V2Client(registry).repository('alice/app');
    const scopeOf = (answer: Answer): string | undefined => {
      expect(answer.refusal).toEqual([401, 'UNAUTHORIZED']);
      expect(answer.errors[0]?.message).toBe('access to the requested resource is not authorized');
      return /,scope="([^"]+)"$/.exec(answer.header('www-authenticate') ?? '')?.[1];
    };
    const reads = ['manifests/v1', `blobs/${digestOf('x')}`, 'tags/list', `referrers/${digestOf('x')}`];
    for (const path of reads) expect(scopeOf(await stranger.get(path))).toBe('repository:alice/app:pull');
    const writes: [string, string][] = [
      ['POST', 'blobs/uploads/'],
      ['PATCH', 'blobs/uploads/x'],
      ['PUT', 'blobs/uploads/x'],
      ['GET', 'blobs/uploads/x'],
      ['DELETE', 'blobs/uploads/x'],
      ['PUT', 'manifests/v1'],
      ['DELETE', 'manifests/v1'],
      ['DELETE', `blobs/${digestOf('x')}`],
    ];
    for (const [method, path] of writes) {
      expect([method, path, scopeOf(await stranger.send(method, path))]).toEqual([
        method,
        path,
        'repository:alice/app:pull,push',
      ]);
    }
  });
});
