import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultSet } from '../../test/support/organizationEvents.js';
import { context, World } from '../../test/support/world.js';
import { decideClaim, nameAggregate, NameTaken } from '../domain/names/name.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { RepositoryExists, RepositoryUnknown } from '../domain/repository/errors.js';
import type { Grantee } from '../domain/repository/events.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideCreateRepository, decideDeleteRepository } from '../domain/repository/settings.js';
import type { NamespaceId, Position, RepositoryId, StreamName } from '../domain/shared/ids.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { RepositoryCommands, type CreateRepository } from './repositories.js';
import { organizationStream, repositoryNameStream, repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

const ada: Grantee = { kind: 'user', id: 'ada' };
describe('repositories', () => {
  let world: World;
  let streams: Streams;
  let app: CreateRepository;
  let [ghost, name] = ['' as RepositoryId, '' as StreamName];
  let before: Position;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    const namespaceId = `namespace-${++tests}` as NamespaceId;
    app = { namespaceId, name: parseRepositoryName('app'), visibility: 'private', description: '', creator: ada };
    [ghost, name] = [`ghost-${tests}` as RepositoryId, repositoryNameStream(namespaceId, 'app')];
    before = await world.stores.events.end();
  });

  const commands = (on: Streams = streams): RepositoryCommands =>
    new RepositoryCommands({ streams: on, ids: world.ids });
  const repository = (id: RepositoryId) => streams.load(repositoryAggregate, repositoryStream(id));
  const owner = async () => (await streams.load(nameAggregate, name)).owner;
  const claim = (claimant: StreamName) =>
    streams.decide(nameAggregate, name, context(), (state) =>
      decideClaim({ name: 'app', claimant, void: null }, state),
    );
  const createAs = (id: RepositoryId, bearing = 'app') =>
    streams.decide(repositoryAggregate, repositoryStream(id), context(), (state) =>
      decideCreateRepository({ ...app, name: bearing, creator: null }, state),
    );
  const countInLog = async (type: string): Promise<number> =>
    (await world.log(before)).filter((event) => event.type === type).length;

  describe('of one name', () => {
    it('are one, however many push to it first in two processes', async () => {
      const [one, other] = [commands(), commands(world.streams())];
      const ids = await Promise.all(
        Array.from({ length: 50 }, (_, number) => (number % 2 === 0 ? one : other).ensure(app, context())),
      );
      expect(new Set(ids).size).toBe(1);
      expect(await countInLog('RepositoryCreated')).toBe(1);
      expect(await owner()).toBe(`repository-${ids[0] ?? ''}`);
    });

    it('are one for those who create, too', async () => {
      const id = await commands().create(app, context());
      await expect(commands().create(app, context())).rejects.toThrow(NameTaken);
      expect(await commands().ensure(app, context())).toBe(id);
    });

    it('are two in two namespaces', async () => {
      const id = await commands().create(app, context());
      const elsewhere = { ...app, namespaceId: `other-${tests}` as NamespaceId };
      expect(await commands().create(elsewhere, context())).not.toBe(id);
    });

    it('follow each other with a history of their own', async () => {
      const first = await commands().create(app, context());
      await commands().delete(first, context());
      const second = await commands().create(app, context());
      expect(second).not.toBe(first);
      expect(await repository(first)).toEqual({ kind: 'deleted' });
      expect(await repository(second)).toMatchObject({ kind: 'active', name: 'app' });
    });
  });

  describe('whose creation broke off after the claim', () => {
    it('make way for the next one, and cannot come back', async () => {
      await claim(repositoryStream(ghost));
      const id = await commands().create(app, context());
      expect(await owner()).toBe(repositoryStream(id));
      expect(await repository(ghost)).toEqual({ kind: 'abandoned' });
      await expect(createAs(ghost)).rejects.toThrow(RepositoryExists);
    });

    it('make way for one of many', async () => {
      await claim(repositoryStream(ghost));
      const [one, other] = [commands(), commands(world.streams())];
      const ids = await Promise.all([one, other, one, other].map((each) => each.ensure(app, context())));
      expect(new Set(ids).size).toBe(1);
      expect(await countInLog('RepositoryCreated')).toBe(1);
    });

    it('are waited for while they are only slow', async () => {
      await claim(repositoryStream(ghost));
      const ensuring = commands().ensure(app, context());
      await createAs(ghost);
      expect(await ensuring).toBe(ghost);
    });
  });

  describe('that do not bear the name that they claimed', () => {
    it('make way for the next one, and are told so', async () => {
      await claim(repositoryStream(ghost));
      await createAs(ghost, 'another-name');
      const id = await commands().create(app, context());
      expect(await owner()).toBe(repositoryStream(id));
      expect(await world.stores.events.readLast(repositoryStream(ghost))).toMatchObject({
        type: 'NameClaimLapsed',
        data: { name: 'app' },
      });
    });

    it('make way when they were deleted and nobody released their name', async () => {
      const first = await commands().create(app, context());
      await streams.decide(repositoryAggregate, repositoryStream(first), context(), decideDeleteRepository);
      const second = await commands().create(app, context());
      expect(await owner()).toBe(repositoryStream(second));
    });
  });

  describe('change', () => {
    it('in their settings and permissions, each time once', async () => {
      const id = await commands().create(app, context());
      for (let times = 0; times < 2; times++) {
        await commands().setVisibility(id, 'public', context());
        await commands().setState(id, 'READ_ONLY', context());
        await commands().grant(id, { kind: 'robot', id: 'ada+ci' }, 'write', context());
        await commands().revoke(id, ada, context());
      }
      expect(await repository(id)).toMatchObject({
        visibility: 'public',
        state: 'READ_ONLY',
        permissions: new Map([['robot:ada+ci', 'write']]),
      });
      expect((await world.stores.events.readLast(repositoryStream(id)))?.revision).toBe(5);
    });

    it('no more once they are deleted', async () => {
      const id = await commands().create(app, context());
      await commands().delete(id, context());
      await expect(commands().setVisibility(id, 'public', context())).rejects.toThrow(RepositoryUnknown);
      await expect(commands().delete(id, context())).rejects.toThrow(RepositoryUnknown);
    });

    it('not in what a later repository of their name has claimed', async () => {
      const first = await commands().create(app, context());
      await streams.decide(repositoryAggregate, repositoryStream(first), context(), decideDeleteRepository);
      const second = await commands().create(app, context());
      await expect(commands().delete(first, context())).rejects.toThrow(RepositoryUnknown);
      expect(await owner()).toBe(repositoryStream(second));
    });
  });

  it('give from their beginning what their organization says', async () => {
    const ci: Grantee = { kind: 'robot', id: 'ci' };
    await streams.decide(organizationAggregate, organizationStream(app.namespaceId), context(), () => [
      defaultSet('rule', ci, 'write'),
    ]);
    const created = await repository(await commands().create(app, context()));
    expect(created).toMatchObject({
      permissions: new Map([
        ['robot:ci', 'write'],
        ['user:ada', 'admin'],
      ]),
    });
  });
});
