import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { overriding } from '../../test/support/overriding.js';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { accountAggregate } from '../domain/account/account.js';
import { AccountExists, AccountUnknown, EmailTaken } from '../domain/account/errors.js';
import { decideDelete, decideRegister } from '../domain/account/lifecycle.js';
import { decideClaim, nameAggregate, NameTaken } from '../domain/names/name.js';
import { decideCreateNamespace, namespaceAggregate, NamespaceExists } from '../domain/namespace/namespace.js';
import type { AccountId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';
import { isJsonObject } from '../domain/shared/json.js';
import { parseNamespaceName, type NamespaceName } from '../domain/shared/namespaceName.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { AccountCommands, type RegisteredUser, type RegisterUser } from './accounts.js';
import {
  accountStream,
  emailNameStream,
  firstAccountStream,
  namespaceNameStream,
  namespaceStream,
} from './streamNames.js';
import type { Streams } from './streams.js';

describe('accounts', () => {
  let world: World;
  let streams: Streams;
  let ada: RegisterUser;
  let other: NamespaceName;
  let [ghost, ghostSpace] = ['' as AccountId, '' as NamespaceId];
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    tests++;
    other = parseNamespaceName(`other${tests}`);
    [ghost, ghostSpace] = [`ghost-${tests}` as AccountId, `ghost-space-${tests}` as NamespaceId];
    ada = {
      name: parseNamespaceName(`ada${tests}`),
      email: `ada${tests}@example.org`,
      password: 'analytical',
      superuser: false,
      timeMachineSeconds: 1_209_600,
    };
  });

  const commands = (on: Streams = streams): AccountCommands => {
    const { sealing, ids } = world;
    return new AccountCommands({ streams: on, sealing, passwords: plainPasswords, ids });
  };
  const register = (changes: Partial<RegisterUser> = {}): Promise<RegisteredUser> =>
    commands().register({ ...ada, ...changes }, context());
  const account = (id: AccountId) => streams.load(accountAggregate, accountStream(id));
  const namespace = (id: NamespaceId) => streams.load(namespaceAggregate, namespaceStream(id));
  const ownerOf = async (name: StreamName) => (await streams.load(nameAggregate, name)).owner;
  const claim = (name: StreamName, claimant: StreamName) =>
    streams.decide(nameAggregate, name, context(), (state) => decideClaim({ name, claimant, void: null }, state));
  const createNamespace = (id: NamespaceId, owner: AccountId) =>
    streams.decide(namespaceAggregate, namespaceStream(id), context(), (state) =>
      decideCreateNamespace({ name: ada.name, kind: 'user', owner, timeMachineSeconds: 0 }, state),
    );
  const createAccount = (id: AccountId, namespaceId: NamespaceId) => {
    const none = { email: null, emailHmac: null, passwordHash: null };
    const ids = { registered: world.ids.event(), password: world.ids.event() };
    return streams.decide(accountAggregate, accountStream(id), context(), (state) =>
      decideRegister({ name: ada.name, namespaceId, verified: true, superuser: false, ids, ...none }, state),
    );
  };
  /** Each result, or the class of what was thrown instead. */
  const outcomes = async (registering: readonly Promise<RegisteredUser>[]) => {
    const settled = await Promise.allSettled(registering);
    return {
      registered: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
      refused: settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
    };
  };
  /** Who met a claimant that was slow has most likely taken him for dead, and refuses him his name. */
  const isRefusal = (error: unknown): boolean =>
    error instanceof NameTaken ||
    error instanceof EmailTaken ||
    error instanceof NamespaceExists ||
    error instanceof AccountExists;

  describe('that are registered', () => {
    it('have a namespace of their own, and a password', async () => {
      const { accountId, namespaceId } = await register();
      expect(await account(accountId)).toMatchObject({
        kind: 'active',
        name: ada.name,
        namespaceId,
        passwordGeneration: 1,
      });
      expect(await namespace(namespaceId)).toMatchObject({ kind: 'active', name: ada.name, owner: accountId });
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(namespaceStream(namespaceId));
    });

    it('have e-mail and password sealed with their own key, bound to their events', async () => {
      const { accountId } = await register();
      const opened: Record<string, string | null> = {};
      for await (const { id, type, data } of world.stores.events.read(accountStream(accountId))) {
        expect(JSON.stringify(data)).not.toMatch(/example|analytical/);
        for (const field of ['email', 'passwordHash']) {
          const sealed = data[field];
          if (isSealed(sealed))
            opened[`${type} ${sealed.subject}`] = await world.sealing.open(sealed, `${id}/${field}`);
        }
      }
      expect(opened).toEqual({
        [`AccountRegistered account:${accountId}`]: ada.email,
        [`PasswordChanged account:${accountId}`]: 'plain:analytical',
      });
    });

    it('may have neither e-mail nor password', async () => {
      const { accountId } = await register({ email: null, password: null });
      expect(await account(accountId)).toMatchObject({ kind: 'active', passwordGeneration: 0 });
    });
  });

  describe('of one name', () => {
    it('are one, however many register at the same time in two processes', async () => {
      const [one, two] = [commands(), commands(world.streams())];
      const { registered, refused } = await outcomes(
        Array.from({ length: 20 }, (_, number) =>
          (number % 2 === 0 ? one : two).register({ ...ada, email: `${number}.${ada.name}@example.org` }, context()),
        ),
      );
      expect(registered.length).toBe(1);
      expect(refused.filter((error) => !isRefusal(error))).toEqual([]);
      const [{ namespaceId } = { namespaceId: '' }] = registered;
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(`namespace-${namespaceId}`);
    });

    it('are one, whoever comes later', async () => {
      await register();
      await expect(register({ email: `${other}@example.org` })).rejects.toThrow(NameTaken);
    });

    it('may follow each other: a deleted account frees its name', async () => {
      const first = await register();
      await streams.decide(accountAggregate, accountStream(first.accountId), context(), (state) =>
        decideDelete([], state),
      );
      const second = await register();
      expect(await namespace(first.namespaceId)).toEqual({ kind: 'deleted' });
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(namespaceStream(second.namespaceId));
    });
  });

  describe('of one e-mail', () => {
    it('are one, however it is spelled', async () => {
      await register();
      await expect(register({ name: other, email: `ADA${tests}@Example.ORG` })).rejects.toThrow(EmailTaken);
    });

    it('are one, however many register at the same time', async () => {
      const { registered, refused } = await outcomes(
        Array.from({ length: 10 }, (_, number) => register({ name: parseNamespaceName(`user${number}.${tests}`) })),
      );
      expect(registered.length).toBe(1);
      expect(refused.filter((error) => !isRefusal(error))).toEqual([]);
    });

    it('leave the name that they could not use to others', async () => {
      await register();
      await expect(register({ name: other })).rejects.toThrow(EmailTaken);
      expect(await ownerOf(namespaceNameStream(other))).toBeNull();
      await expect(register({ name: other, email: `${other}@example.org` })).resolves.toBeDefined();
    });

    it('are told so also when a name cannot be released, and leave the others: what was claimed last first', async () => {
      await register();
      const { events } = world.stores;
      const released: StreamName[] = [];
      const halfAway = overriding(events, {
        append: (stream, appended, expected) => {
          if (!appended.some(({ type }) => type === 'NameReleased')) return events.append(stream, appended, expected);
          released.push(stream);
          if (stream === namespaceNameStream(other)) return Promise.reject(new StoreUnavailable('away'));
          return events.append(stream, appended, expected);
        },
      });
      const registering = commands(world.streams({ events: halfAway })).register(
        { ...ada, name: other, first: true },
        context(),
      );
      await expect(registering).rejects.toThrow(EmailTaken);
      // What seems to be away is asked again.
      expect([...new Set(released)]).toEqual([namespaceNameStream(other), firstAccountStream]);
      expect(await ownerOf(firstAccountStream)).toBeNull();
      await expect(register({ name: other, email: `${other}@example.org`, first: true })).resolves.toBeDefined();
    });
  });

  describe('whose registration broke off', () => {
    it('after the claim of the name make way for the next one, and cannot come back', async () => {
      await claim(namespaceNameStream(ada.name), namespaceStream(ghostSpace));
      const { namespaceId } = await register();
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(namespaceStream(namespaceId));
      expect(await namespace(ghostSpace)).toEqual({ kind: 'abandoned' });
      await expect(createNamespace(ghostSpace, ghost)).rejects.toThrow(NamespaceExists);
    });

    it('after the namespace make way for the next one, and cannot come back', async () => {
      await claim(namespaceNameStream(ada.name), namespaceStream(ghostSpace));
      await createNamespace(ghostSpace, ghost);
      const { namespaceId } = await register();
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(namespaceStream(namespaceId));
      expect(await namespace(ghostSpace)).toEqual({ kind: 'deleted' });
      await expect(createAccount(ghost, ghostSpace)).rejects.toThrow(AccountExists);
    });

    it('after the claim of the e-mail make way for the next one, and cannot come back', async () => {
      const hmac = await world.sealing.lookup('email', `ada${tests}@example.org`);
      await claim(emailNameStream(hmac), accountStream(ghost));
      const { accountId } = await register();
      expect(await ownerOf(emailNameStream(hmac))).toBe(accountStream(accountId));
      await expect(createAccount(ghost, ghostSpace)).rejects.toThrow(AccountExists);
    });

    it('are waited for while they are only slow', async () => {
      await claim(namespaceNameStream(ada.name), namespaceStream(ghostSpace));
      const registering = register();
      await createNamespace(ghostSpace, ghost);
      await createAccount(ghost, ghostSpace);
      await expect(registering).rejects.toThrow(NameTaken);
      expect(await ownerOf(namespaceNameStream(ada.name))).toBe(namespaceStream(ghostSpace));
    });
  });

  describe('that exist', () => {
    it('change their password, each time to a new generation', async () => {
      const { accountId } = await register();
      await commands().changePassword(accountId, 'difference', context());
      await commands().changePassword(accountId, 'difference', context());
      expect(await account(accountId)).toMatchObject({ passwordGeneration: 3 });
    });

    it('are disabled and enabled, and deciding it twice changes nothing', async () => {
      const { accountId } = await register();
      for (const disabled of [true, true, false]) await commands().setDisabled(accountId, disabled, context());
      expect(await account(accountId)).toMatchObject({ disabled: false });
      const last = await world.stores.events.readLast(accountStream(accountId));
      expect(last).toMatchObject({ type: 'AccountEnabled', revision: 3 });
    });

    it('are not those that nobody registered', async () => {
      await expect(commands().changePassword('nobody' as AccountId, 'x', context())).rejects.toThrow(AccountUnknown);
    });
  });
});

const isSealed = (value: unknown): value is Sealed => isJsonObject(value) && typeof value['box'] === 'string';
