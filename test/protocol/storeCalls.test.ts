import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import { CountedRegistry } from '../support/countedRegistry.js';
import { StoreCalls } from '../support/countedStores.js';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../support/images.js';
import type { Repository } from '../support/v2client.js';
import { closeConnections, digestOf, freshBytes, V2Client } from '../support/v2client.js';
import { context } from '../support/world.js';

/** Who calls and where: all three at once, and each time. */
const WHO_AND_WHERE = ['read accounts', 'read namespaces', 'read repositories'];

/** How often what was asked; the wire to the engines is counted by the bench `engines-calls`. */
describe('what a request asks of engines that are shared with other processes', () => {
  const calls = new StoreCalls();
  let registry: CountedRegistry;
  let own: Repository;
  let images = 0;

  beforeAll(async () => {
    registry = await CountedRegistry.start(calls);
    await registry.createUser('ada');
    await registry.createUser('eve');
    own = new V2Client(registry.target, 'ada').repository('ada/app');
    // A token for what was there, and the path found once.
    await own.beginUpload();
  });
  afterAll(async () => {
    closeConnections();
    await registry.stop();
  });

  const askedBy = async (request: Promise<unknown>): Promise<string[]> => {
    calls.take();
    await request;
    return calls.take();
  };
  const image = async (to: Repository) => {
    const config = Buffer.from(JSON.stringify({ config: { Labels: { stage: `${++images}` } } }));
    const layer = freshBytes();
    for (const bytes of [config, layer]) await to.pushBlob(bytes, 'sha256', 'post-put');
    return {
      ...{ schemaVersion: 2, mediaType: OCI_MANIFEST },
      config: { mediaType: OCI_CONFIG, digest: digestOf(config), size: config.byteLength },
      layers: [{ mediaType: OCI_LAYER, digest: digestOf(layer), size: layer.byteLength }],
    };
  };

  it('POST of an upload', async () => {
    expect(await askedBy(own.beginUpload())).toEqual(WHO_AND_WHERE);
  });

  it('PUT of a small blob', async () => {
    const bytes = freshBytes();
    const location = await own.beginUpload();
    const kept = ['read contents', 'put', 'write contents', 'write holds'];
    expect(await askedBy(own.close(location, digestOf(bytes), bytes))).toEqual(
      [...WHO_AND_WHERE, 'read uploads', ...kept, 'write uploads'].sort(),
    );
  });

  it('PUT of a manifest whose config came through here', async () => {
    const document = await image(own);
    expect(await askedBy(own.pushManifest(document, OCI_MANIFEST, 'v1'))).toEqual(
      [
        ...WHO_AND_WHERE,
        ...['read holds', 'read contents', 'read contents', 'put', 'write contents'],
        ...['stream repository', 'append repository'],
      ].sort(),
    );
  });

  it('PUT of a manifest that is there, by another tag', async () => {
    const document = await image(own);
    await own.pushManifest(document, OCI_MANIFEST, 'v2');
    expect(await askedBy(own.pushManifest(document, OCI_MANIFEST, 'v3'))).toEqual(
      [
        ...WHO_AND_WHERE,
        ...['read holds', 'read contents', 'read contents', 'stat', 'read contents'],
        ...['stream repository', 'append repository'],
      ].sort(),
    );
  });

  it('GET of a manifest by tag that was pushed through here', async () => {
    await own.pushManifest(await image(own), OCI_MANIFEST, 'v4');
    const get = () => own.get('manifests/v4', { Accept: OCI_MANIFEST });
    // Its bytes are not read anew, but whether they are there.
    expect(await askedBy(get())).toEqual([...WHO_AND_WHERE, 'read contents', 'read manifests', 'read tags'].sort());
    expect(await askedBy(get())).toEqual([...WHO_AND_WHERE, 'read manifests', 'read tags'].sort());
  });

  it('GET of a manifest by a tag that moved since it was read here', async () => {
    const [before, after] = [await image(own), await image(own)];
    await own.pushManifest(before, OCI_MANIFEST, 'v5');
    const get = () => own.get('manifests/v5', { Accept: OCI_MANIFEST });
    expect((await get()).json()).toEqual(before);
    await own.pushManifest(after, OCI_MANIFEST, 'v5');
    expect((await get()).json()).toEqual(after);
    expect(await askedBy(get())).toEqual([...WHO_AND_WHERE, 'read manifests', 'read tags'].sort());
    await own.delete('manifests/v5');
    expect((await get()).status).toBe(404);
  });

  it('a token for a repository', async () => {
    const asked = await askedBy(new V2Client(registry.target, 'ada').repository('ada/app').token());
    expect(asked.filter((call) => call === 'read namespaces' || call === 'read repositories')).toEqual([
      'read namespaces',
      'read repositories',
    ]);
  });

  it('keeps nothing of who may do what: given and taken, it holds with the next request', async () => {
    const { core } = registry;
    const namespace = await core.queries.namespaces.byName('ada');
    const there = namespace && (await core.queries.repositories.byName(namespace.id, 'app'));
    const account = await core.queries.accounts.byName('eve');
    if (!there || !account) throw new Error('nobody and nothing is there');
    const [id, grantee] = [there.id as RepositoryId, { kind: 'user', id: account.id } as const];
    const place = { namespace: 'ada', owner: namespace.owner };
    const status = async (repository: Repository): Promise<number> => (await repository.get('tags/list')).status;
    const stranger = new V2Client(registry.target, 'eve').repository('ada/app');
    expect(await status(stranger)).toBe(401);
    await core.commands.permissions.grant(id, { grantee, role: 'read', place }, context());
    const reader = new V2Client(registry.target, 'eve').repository('ada/app');
    expect(await askedBy(reader.token())).toContain('read permissions');
    expect(await askedBy(reader.get('tags/list'))).toEqual(
      expect.arrayContaining([...WHO_AND_WHERE, 'read permissions']),
    );
    expect(await status(reader)).toBe(200);
    await core.commands.permissions.revoke(id, { grantee, place }, context());
    expect(await status(reader)).toBe(401);
    await core.commands.repositories.setVisibility(id, 'public', context());
    expect(await status(stranger)).toBe(200);
    await core.commands.repositories.setVisibility(id, 'private', context());
    expect([await status(reader), await status(stranger), await status(own)]).toEqual([401, 401, 200]);
  });
});
