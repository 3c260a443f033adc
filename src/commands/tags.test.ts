import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { manifestNamed } from '../../test/model/universe.js';
import { RegistryProcess } from '../../test/support/registryProcess.js';
import { tagMoved } from '../../test/support/repositoryEvents.js';
import { context, World } from '../../test/support/world.js';
import { ManifestReferenced, ManifestUnknown, TagUnknown } from '../domain/repository/errors.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { isVisible, liveTag, liveTagsOf } from '../domain/repository/state.js';
import type { NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { plusSeconds } from '../domain/shared/time.js';
import { repositoryStream } from './streamNames.js';

const [plain, expiring, pair, signature] = [
  manifestNamed('plain'),
  manifestNamed('expiring'),
  manifestNamed('pair'),
  manifestNamed('signature'),
];

describe('tags and manifests', () => {
  let world: World;
  let registry: RegistryProcess;
  let id: RepositoryId;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    registry = new RegistryProcess(world);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    const settings = { visibility: 'private', description: '', creator: null } as const;
    const command = { namespaceId: 'org' as NamespaceId, name: parseRepositoryName(`app${++tests}`), ...settings };
    id = await registry.repositories.create(command, context());
  });

  const tagged = async (tag: string): Promise<string | undefined> =>
    liveTag(await registry.repository(id), tag, world.clock.now())?.digest;
  const seen = async (digest: typeof plain.digest): Promise<boolean> =>
    isVisible(await registry.repository(id), digest, world.clock.now());

  it('are deleted by tag', async () => {
    await registry.pushed(signature, { to: id, tags: ['a', 'b'] });
    await registry.tags.deleteTag(id, 'a', context());
    expect([await tagged('a'), await tagged('b')]).toEqual([undefined, signature.digest]);
    await expect(registry.tags.deleteTag(id, 'a', context())).rejects.toThrow(TagUnknown);
  });

  it('are deleted by digest, all tags with it', async () => {
    await registry.pushed(signature, { to: id, tags: ['a', 'b'] });
    await registry.tags.deleteManifest(id, signature.digest, context());
    expect([await tagged('a'), await seen(signature.digest)]).toEqual([undefined, false]);
    await expect(registry.tags.deleteManifest(id, signature.digest, context())).rejects.toThrow(ManifestUnknown);
  });

  it('are deleted by digest, however many tags are on it', async () => {
    await registry.pushed(signature, { to: id });
    const names = Array.from({ length: 1_500 }, (_, number) => `build-${number}`.padEnd(128, 'x'));
    for (let at = 0; at < names.length; at += 250) {
      const moves = names.slice(at, at + 250).map((tag) => tagMoved(tag, signature.digest));
      await registry.streams.decide(repositoryAggregate, repositoryStream(id), context(), () => moves);
    }
    const lengthy = context({ userAgent: 'agent '.repeat(100) });
    await registry.tags.deleteManifest(id, signature.digest, lengthy);
    const repository = await registry.repository(id);
    expect(liveTagsOf(repository, signature.digest, world.clock.now())).toEqual([]);
    expect(await seen(signature.digest)).toBe(false);
  });

  it('are deleted with their index first', async () => {
    await registry.upload(plain, id);
    for (const child of [plain, expiring]) await registry.pushed(child, { to: id });
    await registry.pushed(pair, { to: id, tags: ['multi'] });
    await expect(registry.tags.deleteManifest(id, plain.digest, context())).rejects.toThrow(ManifestReferenced);
    await registry.tags.deleteManifest(id, pair.digest, context());
    await registry.tags.deleteManifest(id, plain.digest, context());
    expect(await seen(plain.digest)).toBe(false);
  });

  it('are restored with all that was deleted', async () => {
    await registry.upload(plain, id);
    for (const child of [plain, expiring]) await registry.pushed(child, { to: id });
    await registry.pushed(pair, { to: id, tags: ['multi'] });
    for (const { digest } of [pair, plain]) await registry.tags.deleteManifest(id, digest, context());
    await registry.tags.restoreTag(id, 'multi', pair.digest, context());
    expect(await tagged('multi')).toBe(pair.digest);
    expect([await seen(pair.digest), await seen(plain.digest)]).toEqual([true, true]);
  });

  it('end when they are told to', async () => {
    await registry.pushed(signature, { to: id, tags: ['a'] });
    await registry.tags.setExpiry(id, 'a', plusSeconds(world.clock.now(), 60), context());
    world.clock.pass(59);
    expect(await tagged('a')).toBe(signature.digest);
    world.clock.pass(1);
    expect(await tagged('a')).toBeUndefined();
    await expect(registry.tags.setExpiry(id, 'a', null, context())).rejects.toThrow(TagUnknown);
  });

  it('end when their labels say so, counted from each push', async () => {
    await registry.upload(expiring, id);
    await registry.pushed(expiring, { to: id, tags: ['a'] });
    world.clock.pass(59);
    await registry.pushed(expiring, { to: id, tags: ['a'] });
    world.clock.pass(59);
    expect(await tagged('a')).toBe(expiring.digest);
    world.clock.pass(1);
    expect(await tagged('a')).toBeUndefined();
  });

  it('are moved to what a living tag leads to', async () => {
    await registry.pushed(signature, { to: id, tags: ['a'] });
    await registry.tags.moveTag(id, 'b', signature.digest, context());
    expect(await tagged('b')).toBe(signature.digest);
    await expect(registry.tags.moveTag(id, 'b', plain.digest, context())).rejects.toThrow(ManifestUnknown);
  });

  it('end when somebody wants them to, within what is allowed', async () => {
    await registry.pushed(signature, { to: id, tags: ['a'] });
    const soon = Math.floor(Date.parse(world.clock.now()) / 1000) + 60;
    await registry.tags.changeExpiration(id, 'a', soon, context());
    expect((await registry.repository(id)).tags.get('a')?.end).toBe(plusSeconds(world.clock.now(), 3_600));
  });

  it('are purged, and cannot be restored then', async () => {
    await registry.pushed(signature, { to: id, tags: ['a'] });
    // A push by tag: nothing else keeps the manifest.
    await registry.tags.deleteTag(id, 'a', context());
    const purge = { tag: 'a', digest: signature.digest, windowSeconds: 600, includeChildren: true };
    await registry.tags.purgeTag(id, purge, context());
    await expect(registry.tags.restoreTag(id, 'a', signature.digest, context())).rejects.toThrow(ManifestUnknown);
  });
});
