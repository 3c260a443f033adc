import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { nameAggregate, NameTaken } from '../domain/names/name.js';
import type { NamespaceEvents } from '../domain/namespace/events.js';
import { namespaceAggregate, NamespaceUnknown } from '../domain/namespace/namespace.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import { ContactEmailChanged } from '../domain/namespace/settings.js';
import type { NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { AccountCommands } from './accounts.js';
import { claimNamespaceName } from './claimants.js';
import { NamespaceCommands } from './namespaces.js';
import { RepositoryCommands } from './repositories.js';
import { namespaceSubject } from './sealing.js';
import { namespaceNameStream, namespaceStream, repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

describe('namespaces', () => {
  let world: World;
  let streams: Streams;
  let id: NamespaceId;
  let [name, other] = [parseNamespaceName('ada'), parseNamespaceName('eve')];
  let tests = 0;
  /** What the read model of repositories would tell. */
  let repositories: RepositoryId[] = [];

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    tests++;
    repositories = [];
    [name, other] = [parseNamespaceName(`ada${tests}`), parseNamespaceName(`eve${tests}`)];
    id = await register(name);
  });

  const commands = (on: Streams = streams): NamespaceCommands => {
    const { sealing, ids } = world;
    return new NamespaceCommands({
      ...{ streams: on, sealing, ids },
      repositories: new RepositoryCommands({ streams: on, ids }),
      repositoriesIn: async function* () {
        for (const repository of repositories) yield Promise.resolve(repository);
      },
    });
  };
  const register = async (named: typeof name): Promise<NamespaceId> => {
    const { sealing, ids } = world;
    const accounts = new AccountCommands({ streams, sealing, passwords: plainPasswords, ids });
    const person = { name: named, email: null, password: null, superuser: false, timeMachineSeconds: 0 };
    return (await accounts.register(person, context())).namespaceId;
  };
  const state = () => streams.load(namespaceAggregate, namespaceStream(id));
  const ownerOf = async (of: string) => (await streams.load(nameAggregate, namespaceNameStream(of))).owner;
  const lastData = async <Type extends keyof NamespaceEvents>(type: Type): Promise<NamespaceEvents[Type] & EventOf> => {
    const event = await world.stores.events.readLast(namespaceStream(id));
    expect(event?.type).toBe(type);
    return { ...(event?.data as NamespaceEvents[Type]), eventId: event?.id ?? '' };
  };
  type EventOf = { readonly eventId: string };

  describe('that are renamed', () => {
    it('bear the new name, and leave the old one to others', async () => {
      await commands().rename(id, other, context());
      expect(await state()).toMatchObject({ name: other });
      expect([await ownerOf(name), await ownerOf(other)]).toEqual([null, namespaceStream(id)]);
      await expect(register(name)).resolves.not.toBe(id);
    });

    it('cannot take a name that somebody bears', async () => {
      await register(other);
      await expect(commands().rename(id, other, context())).rejects.toThrow(NameTaken);
      expect(await state()).toMatchObject({ name });
    });

    it('bear one name, however many renames are under way in two processes', async () => {
      const names = Array.from({ length: 10 }, (_, number) => parseNamespaceName(`ada${tests}-${number}`));
      const [one, two] = [commands(), commands(world.streams())];
      await Promise.allSettled(names.map((to, number) => (number % 2 === 0 ? one : two).rename(id, to, context())));
      const now = await state();
      const owned = [];
      for (const each of [name, ...names]) if ((await ownerOf(each)) === namespaceStream(id)) owned.push(each);
      expect(owned).toEqual(now.kind === 'active' ? [now.name] : []);
    });

    it('do not keep a name that they claimed and never bore', async () => {
      await claimNamespaceName(streams, context(), { name: other, namespaceId: id });
      const heir = await register(other);
      expect(await ownerOf(other)).toBe(namespaceStream(heir));
      expect(await state()).toMatchObject({ name, lapsedClaims: 1 });
      await expect(commands().rename(id, other, context())).rejects.toThrow(NameTaken);
    });
  });

  describe('with addresses', () => {
    it('have them sealed with their own key, the contact address with the one before', async () => {
      await commands().setContactEmail(id, { from: null, to: 'one@example.org' }, context());
      await commands().setContactEmail(id, { from: 'one@example.org', to: 'other@example.org' }, context());
      const { email, previous, eventId } = await lastData('ContactEmailSet');
      const open = async (sealed: typeof email, field: string) =>
        sealed && [sealed.subject, await world.sealing.open(sealed, `${eventId}/${field}`)];
      expect(await open(email, 'email')).toEqual([namespaceSubject(id), 'other@example.org']);
      expect(await open(previous, 'previous')).toEqual([namespaceSubject(id), 'one@example.org']);

      await commands().setInvoiceEmailAddress(id, 'money@example.org', context());
      const invoice = await lastData('InvoicingSet');
      expect(
        invoice.invoiceEmailAddress &&
          (await world.sealing.open(invoice.invoiceEmailAddress, `${invoice.eventId}/invoiceEmailAddress`)),
      ).toBe('money@example.org');
    });

    it('are not changed by who saw another address, nor where there is no change', async () => {
      await commands().setContactEmail(id, { from: null, to: 'one@example.org' }, context());
      const before = await world.stores.events.end();
      await commands().setContactEmail(id, { from: 'one@example.org', to: 'one@example.org' }, context());
      await expect(commands().setContactEmail(id, { from: null, to: 'other@example.org' }, context())).rejects.toThrow(
        ContactEmailChanged,
      );
      expect(await world.stores.events.end()).toBe(before);
    });
  });

  describe('that are deleted', () => {
    const create = async (repository: string) =>
      new RepositoryCommands({ streams, ids: world.ids }).create(
        {
          namespaceId: id,
          name: parseRepositoryName(repository),
          visibility: 'private',
          description: '',
          creator: null,
        },
        context(),
      );

    it('take their repositories and all that was sealed for them along, and free their name', async () => {
      await commands().setContactEmail(id, { from: null, to: 'one@example.org' }, context());
      const { email, eventId } = await lastData('ContactEmailSet');
      repositories = [await create('app'), await create('base')];
      await commands().delete(id, context());
      for (const repository of repositories)
        expect(await streams.load(repositoryAggregate, repositoryStream(repository))).toEqual({ kind: 'deleted' });
      expect(email && (await world.sealing.open(email, `${eventId}/email`))).toBeNull();
      expect(await state()).toEqual({ kind: 'deleted' });
      expect(await ownerOf(name)).toBeNull();
      await expect(commands().delete(id, context())).rejects.toThrow(NamespaceUnknown);
      expect(await register(name)).not.toBe(id);
    });

    it('do not mind repositories that somebody else deletes at the same time', async () => {
      repositories = [await create('app')];
      for (const app of repositories) await new RepositoryCommands({ streams, ids: world.ids }).delete(app, context());
      await commands().delete(id, context());
      expect(await state()).toEqual({ kind: 'deleted' });
    });
  });
});
