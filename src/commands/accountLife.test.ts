import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { accountAggregate } from '../domain/account/account.js';
import { AccountUnknown, SoleAdministrator } from '../domain/account/errors.js';
import { nameAggregate, NameTaken } from '../domain/names/name.js';
import { namespaceAggregate } from '../domain/namespace/namespace.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { teamNamed } from '../domain/organization/team/state.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { active as activeRepository } from '../domain/repository/state.js';
import type { AccountId, NamespaceId, RepositoryId, StreamName } from '../domain/shared/ids.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { AccountCommands, type RegisteredUser } from './accounts.js';
import { AccountLifeCommands } from './accountLife.js';
import { emailHmac } from './emailClaims.js';
import { NamespaceCommands } from './namespaces.js';
import { OrganizationCommands } from './organizations.js';
import { RepositoryCommands } from './repositories.js';
import {
  accountStream,
  emailNameStream,
  namespaceNameStream,
  namespaceStream,
  organizationStream,
  repositoryStream,
} from './streamNames.js';
import type { Streams } from './streams.js';

async function* each<Id>(ids: readonly Id[]): AsyncIterable<Id> {
  for (const id of ids) yield await Promise.resolve(id);
}

describe('an account and its namespace', () => {
  let world: World;
  let streams: Streams;
  let repositories: RepositoryCommands;
  let namespaces: NamespaceCommands;
  let organizations: OrganizationCommands;
  let life: AccountLifeCommands;
  let ada: RegisteredUser;
  let tests = 0;
  /** What read models would tell. */
  let owned: RepositoryId[] = [];
  let granted: RepositoryId[] = [];
  let naming: NamespaceId[] = [];

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
    const { sealing, ids } = world;
    repositories = new RepositoryCommands({ streams, ids });
    namespaces = new NamespaceCommands({
      ...{ streams, sealing, ids, repositories },
      repositoriesIn: () => each([...owned]),
    });
    organizations = new OrganizationCommands({
      ...{ streams, sealing, ids, namespaces, repositories },
      grantedIn: () => each([]),
      organizationsNaming: () => Promise.resolve(naming),
    });
    life = new AccountLifeCommands({
      ...{ streams, sealing, namespaces, organizations, repositories },
      grantedTo: () => each([...granted]),
    });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    tests++;
    [owned, granted, naming] = [[], [], []];
    ada = await register('ada');
  });

  const named = (name: string) => parseNamespaceName(`${name}${tests}`);
  const emailOf = (name: string) => `${named(name)}@example.org`;
  const register = (name: string, email: string | null = emailOf(name)): Promise<RegisteredUser> => {
    const { sealing, ids } = world;
    const accounts = new AccountCommands({ streams, sealing, passwords: plainPasswords, ids });
    const person = { name: named(name), email, password: 'analytical', superuser: false };
    return accounts.register({ ...person, timeMachineSeconds: 0 }, context());
  };
  const account = (id: AccountId) => streams.load(accountAggregate, accountStream(id));
  const namespace = (id: NamespaceId) => streams.load(namespaceAggregate, namespaceStream(id));
  const organization = (id: NamespaceId) => streams.load(organizationAggregate, organizationStream(id));
  const ownerOf = async (name: StreamName) => (await streams.load(nameAggregate, name)).owner;
  const emailOwner = async (name: string) => ownerOf(emailNameStream(await emailHmac(world.sealing, emailOf(name))));
  const repositoryOf = (namespaceId: NamespaceId, creator: AccountId): Promise<RepositoryId> =>
    repositories.create(
      {
        ...{ namespaceId, name: parseRepositoryName('app'), visibility: 'private', description: '' },
        creator: { kind: 'user', id: creator },
      },
      context(),
    );
  const repository = (id: RepositoryId) => streams.load(repositoryAggregate, repositoryStream(id));

  describe('that are renamed', () => {
    it('bear the new name, and the old one is free', async () => {
      await life.rename(ada.accountId, named('lovelace'), context());
      expect(await account(ada.accountId)).toMatchObject({ name: named('lovelace') });
      expect(await namespace(ada.namespaceId)).toMatchObject({ name: named('lovelace') });
      const other = await register('ada', null);
      expect(await ownerOf(namespaceNameStream(named('ada')))).toBe(namespaceStream(other.namespaceId));
    });

    it('cannot take a name that is taken', async () => {
      await register('bob');
      await expect(life.rename(ada.accountId, named('bob'), context())).rejects.toThrow(NameTaken);
      expect(await account(ada.accountId)).toMatchObject({ name: named('ada') });
    });

    it('follow each other also when the one who renamed them stopped half-way', async () => {
      await namespaces.rename(ada.namespaceId, named('lovelace'), context());
      const stream = namespaceNameStream(named('ada'));
      await streams.decide(nameAggregate, stream, context(), () => [
        { type: 'NameClaimed', data: { owner: namespaceStream(ada.namespaceId) } },
      ]);
      expect(await account(ada.accountId)).toMatchObject({ name: named('ada') });
      await register('ada', null);
      expect(await account(ada.accountId)).toMatchObject({ name: named('lovelace') });
    });
  });

  describe('that are deleted', () => {
    it('leave nothing: no repository, no membership, no name, and nobody reads their secrets', async () => {
      const bob = await register('bob');
      owned = [await repositoryOf(ada.namespaceId, ada.accountId)];
      granted = [await repositoryOf(bob.namespaceId, ada.accountId)];
      const club = { name: named('club'), email: null, owner: ada.accountId, timeMachineSeconds: 0 };
      naming = [await organizations.create(club, context())];
      const registered = (await world.log()).find(({ stream }) => stream === accountStream(ada.accountId));

      await life.delete(ada.accountId, [], context());
      expect(await account(ada.accountId)).toEqual({ kind: 'deleted' });
      expect(await namespace(ada.namespaceId)).toEqual({ kind: 'deleted' });
      for (const id of owned) expect(await repository(id)).toEqual({ kind: 'deleted' });
      for (const id of granted) expect(activeRepository(await repository(id)).permissions.size).toBe(0);
      for (const id of naming) expect(teamNamed((await organization(id)).teams, 'owners')?.members.size).toBe(0);
      expect(await ownerOf(namespaceNameStream(named('ada')))).toBeNull();
      expect(await emailOwner('ada')).toBeNull();
      const email = registered?.data['email'] as { readonly subject: string; readonly box: string };
      expect(await world.sealing.open(email, `${registered?.id ?? ''}/email`)).toBeNull();
      await expect(life.delete(ada.accountId, [], context())).rejects.toThrow(AccountUnknown);
    });

    it('leave no organization without an administrator', async () => {
      await expect(life.delete(ada.accountId, ['navy'], context())).rejects.toThrow(SoleAdministrator);
      expect(await namespace(ada.namespaceId)).toMatchObject({ kind: 'active' });
    });

    it('are deleted the rest of the way by whoever tries again', async () => {
      await namespaces.delete(ada.namespaceId, context());
      await life.delete(ada.accountId, [], context());
      expect(await account(ada.accountId)).toEqual({ kind: 'deleted' });
    });
  });

  describe('that become an organization', () => {
    const convert = async () => {
      const bob = await register('bob');
      await life.convert(ada.accountId, { administrator: bob.accountId, email: emailOf('ada') }, context());
      return bob;
    };

    it('keep their name and what is in it, under somebody else', async () => {
      const own = await repositoryOf(ada.namespaceId, ada.accountId);
      granted = [own];
      const bob = await convert();
      expect(await account(ada.accountId)).toEqual({ kind: 'converted' });
      expect(await namespace(ada.namespaceId)).toMatchObject({ name: named('ada'), type: 'organization', owner: null });
      const owners = teamNamed((await organization(ada.namespaceId)).teams, 'owners');
      expect([...(owners?.members ?? [])]).toEqual([`user:${bob.accountId}`]);
      expect(activeRepository(await repository(own)).permissions.size).toBe(0);
      expect(await ownerOf(namespaceNameStream(named('ada')))).toBe(namespaceStream(ada.namespaceId));
    });

    it('have their address as an organization has it: a person may use it', async () => {
      await convert();
      expect(await emailOwner('ada')).toBeNull();
      expect(await namespace(ada.namespaceId)).toMatchObject({
        contactEmailHmac: await emailHmac(world.sealing, emailOf('ada')),
      });
    });

    it('are readable until the organization ends', async () => {
      const registered = (await world.log()).find(({ stream }) => stream === accountStream(ada.accountId));
      const email = registered?.data['email'] as { readonly subject: string; readonly box: string };
      const read = () => world.sealing.open(email, `${registered?.id ?? ''}/email`);
      await convert();
      expect(await read()).toBe(emailOf('ada'));
      await organizations.delete(ada.namespaceId, context());
      expect(await read()).toBeNull();
    });

    it('become one the rest of the way by whoever tries again', async () => {
      const bob = await register('bob');
      const command = { administrator: bob.accountId, email: null };
      await organizations.convert(ada.namespaceId, command, context());
      await life.convert(ada.accountId, command, context());
      expect(await account(ada.accountId)).toEqual({ kind: 'converted' });
    });
  });
});
