import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { administrator } from '../../test/support/organizationEvents.js';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { nameAggregate, NameTaken } from '../domain/names/name.js';
import { namespaceAggregate } from '../domain/namespace/namespace.js';
import { NamespaceIsOrganization } from '../domain/namespace/naming.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { AdminNeeded } from '../domain/organization/team/errors.js';
import type { Member } from '../domain/organization/team/events.js';
import { teamNamed } from '../domain/organization/team/state.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import type { AccountId, NamespaceId, RepositoryId, TeamId } from '../domain/shared/ids.js';
import { parseNamespaceName, parseTeamName } from '../domain/shared/namespaceName.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { AccountCommands } from './accounts.js';
import { NamespaceCommands } from './namespaces.js';
import { OrganizationCommands } from './organizations.js';
import { RepositoryCommands } from './repositories.js';
import { namespaceNameStream, namespaceStream, organizationStream, repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';
import { TeamCommands } from './teams.js';

const ada = 'ada' as AccountId;
const bob: Member = { kind: 'user', id: 'bob' };

describe('organizations', () => {
  let world: World;
  let streams: Streams;
  let name = parseNamespaceName('acme');
  let tests = 0;
  /** What read models would tell. */
  let granted: RepositoryId[] = [];
  let naming: NamespaceId[] = [];

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    name = parseNamespaceName(`acme${++tests}`);
    [granted, naming] = [[], []];
  });

  const repositories = () => new RepositoryCommands({ streams, ids: world.ids });
  const namespaces = () => {
    const { sealing, ids } = world;
    const repositoriesIn = async function* () {
      for (const id of granted) yield Promise.resolve(id);
    };
    return new NamespaceCommands({ streams, sealing, ids, repositories: repositories(), repositoriesIn });
  };
  const organizations = (on: Streams = streams) => {
    const { sealing, ids } = world;
    return new OrganizationCommands({
      ...{ streams: on, sealing, ids, namespaces: namespaces(), repositories: repositories() },
      grantedIn: async function* () {
        for (const id of granted) yield Promise.resolve(id);
      },
      organizationsNaming: () => Promise.resolve(naming),
    });
  };
  const teams = () => new TeamCommands({ streams, sealing: world.sealing, ids: world.ids });
  const create = (email: string | null = null) =>
    organizations().create({ name, email, owner: ada, timeMachineSeconds: 60 }, context());
  const organization = (id: NamespaceId) => streams.load(organizationAggregate, organizationStream(id));
  const namespace = (id: NamespaceId) => streams.load(namespaceAggregate, namespaceStream(id));
  const membersOf = async (id: NamespaceId, team: string) => [
    ...(teamNamed((await organization(id)).teams, team)?.members ?? []),
  ];
  const addTeam = async (id: NamespaceId, team: string): Promise<TeamId> => {
    const command = { name: parseTeamName(team), role: 'member', description: undefined } as const;
    await teams().set(id, { ...command, organization: name, caller: administrator('ada') }, context());
    const found = teamNamed((await organization(id)).teams, team);
    if (!found) throw new Error('the team is not there');
    return found.id;
  };
  const join = (namespaceId: NamespaceId, teamId: TeamId) =>
    teams().addMember(
      { namespaceId, teamId },
      { member: bob, name: 'bob' },
      { inviter: ada, byInvitation: false },
      context(),
    );

  describe('that are created', () => {
    it('have a namespace of their own, and their founder as owner', async () => {
      const id = await create('acme@example.org');
      expect(await namespace(id)).toMatchObject({ name, type: 'organization', owner: null, timeMachineSeconds: 60 });
      expect(await membersOf(id, 'owners')).toEqual(['user:ada']);
      const contact = await world.stores.events.readLast(namespaceStream(id));
      expect(contact?.type).toBe('ContactEmailSet');
      expect(JSON.stringify(contact?.data)).not.toContain('example.org');
    });

    it('cannot have the name of a person, nor people theirs', async () => {
      const { sealing, ids } = world;
      const accounts = new AccountCommands({ streams, sealing, passwords: plainPasswords, ids });
      const none = { email: null, password: null, superuser: false, timeMachineSeconds: 0 };
      await create();
      await expect(accounts.register({ name, ...none }, context())).rejects.toThrow(NameTaken);
      const eve = parseNamespaceName(`eve${tests}`);
      await accounts.register({ name: eve, ...none }, context());
      await expect(
        organizations().create({ name: eve, email: null, owner: ada, timeMachineSeconds: 0 }, context()),
      ).rejects.toThrow(NameTaken);
    });

    it('are one of a name, however many are created at the same time', async () => {
      const other = organizations(world.streams());
      const command = { name, email: null, owner: ada, timeMachineSeconds: 0 };
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, number) =>
          (number % 2 === 0 ? organizations() : other).create(command, context()),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('that are deleted', () => {
    it('free their name for others', async () => {
      const first = await create();
      await organizations().delete(first, context());
      expect(await namespace(first)).toEqual({ kind: 'deleted' });
      expect((await streams.load(nameAggregate, namespaceNameStream(name))).owner).toBeNull();
      expect(await create()).not.toBe(first);
    });
  });

  describe('that were people', () => {
    it('keep their name and their address, and get owners', async () => {
      const { sealing, ids } = world;
      const accounts = new AccountCommands({ streams, sealing, passwords: plainPasswords, ids });
      const person = { name, email: null, password: null, superuser: false, timeMachineSeconds: 0 };
      const { namespaceId } = await accounts.register(person, context());
      const command = { administrator: ada, email: 'old@example.org' };
      await organizations().convert(namespaceId, command, context());
      expect(await namespace(namespaceId)).toMatchObject({ name, type: 'organization', owner: null });
      expect(await namespace(namespaceId)).not.toMatchObject({ contactEmailHmac: null });
      expect(await membersOf(namespaceId, 'owners')).toEqual(['user:ada']);
      await expect(organizations().convert(namespaceId, command, context())).rejects.toThrow(NamespaceIsOrganization);
    });
  });

  describe('that somebody takes over', () => {
    it('have one owner more', async () => {
      const id = await create();
      await organizations().takeOver(id, 'root' as AccountId, context());
      expect(await membersOf(id, 'owners')).toEqual(['user:ada', 'user:root']);
    });
  });

  describe('that lose somebody', () => {
    const createApp = async (id: NamespaceId) => {
      const app = {
        namespaceId: id,
        name: parseRepositoryName('app'),
        visibility: 'private',
        description: '',
      } as const;
      return repositories().create({ ...app, creator: bob }, context());
    };

    it('take his teams, and what was granted to him alone', async () => {
      const id = await create();
      const team = await addTeam(id, 'devs');
      await join(id, team);
      granted = [await createApp(id)];
      await organizations().removeMember(id, bob, context());
      expect(await membersOf(id, 'devs')).toEqual([]);
      for (const app of granted)
        expect(await streams.load(repositoryAggregate, repositoryStream(app))).toMatchObject({
          permissions: new Map(),
        });
    });

    it('do not mind that he was never a member, or that a repository is gone', async () => {
      const id = await create();
      granted = [await createApp(id)];
      for (const app of granted) await repositories().delete(app, context());
      await expect(organizations().removeMember(id, bob, context())).resolves.toBeUndefined();
    });

    it('keep their only administrator, and what he was granted', async () => {
      const id = await create();
      granted = [await createApp(id)];
      const him: Member = { kind: 'user', id: ada };
      await expect(organizations().removeMember(id, him, context())).rejects.toThrow(AdminNeeded);
      for (const app of granted)
        expect(await streams.load(repositoryAggregate, repositoryStream(app))).toMatchObject({
          permissions: new Map([['user:bob', 'admin']]),
        });
    });

    it('forget who is no more', async () => {
      naming = [await create()];
      for (const id of naming) await join(id, await addTeam(id, 'devs'));
      await organizations().forget(bob, context());
      for (const id of naming) expect(await membersOf(id, 'devs')).toEqual([]);
    });
  });
});
