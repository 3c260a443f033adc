import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { manifestNamed } from '../../test/model/universe.js';
import { RegistryProcess } from '../../test/support/registryProcess.js';
import { context, World } from '../../test/support/world.js';
import { ManifestUnknown } from '../domain/repository/errors.js';
import { LabelKeyReserved, LabelUnknown } from '../domain/repository/labelErrors.js';
import type { NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';

const { digest } = manifestNamed('signature');
const label = { digest, key: 'stage', value: 'test', mediaType: null } as const;

describe('labels that people add', () => {
  let world: World;
  let registry: RegistryProcess;
  let id: RepositoryId;

  beforeAll(async () => {
    world = await World.open();
    registry = new RegistryProcess(world);
    const settings = { visibility: 'private', description: null, creator: null } as const;
    const name = parseRepositoryName('app');
    id = await registry.repositories.create({ namespaceId: 'org' as NamespaceId, name, ...settings }, context());
  });
  afterAll(() => world.close());

  it('have ids of their own, by which they are removed', async () => {
    await registry.pushed(manifestNamed('signature'), { to: id, tags: ['latest'] });
    const ids = [await registry.labels.add(id, label, context()), await registry.labels.add(id, label, context())];
    expect(new Set(ids).size).toBe(2);
    for (const labelId of ids) await registry.labels.remove(id, digest, labelId, context());
    await expect(registry.labels.remove(id, digest, ids[0] ?? '', context())).rejects.toThrow(LabelUnknown);
  });

  it('do not have a reserved key, be it one that the instance reserves; that is looked at first', async () => {
    const other = manifestNamed('plain').digest;
    await expect(registry.labels.add(id, { ...label, digest: other }, context())).rejects.toThrow(ManifestUnknown);
    for (const key of ['quay.expires-after', 'example.stage'])
      await expect(registry.labels.add(id, { ...label, digest: other, key }, context())).rejects.toThrow(
        LabelKeyReserved,
      );
  });
});
