import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { accountAggregate } from '../domain/account/account.js';
import { AccountUnknown, EmailTaken } from '../domain/account/errors.js';
import { decideClaim, nameAggregate } from '../domain/names/name.js';
import type { AccountId } from '../domain/shared/ids.js';
import { isJsonObject } from '../domain/shared/json.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { AccountCommands } from './accounts.js';
import { emailHmac } from './emailClaims.js';
import { ProfileCommands } from './profiles.js';
import { accountStream, emailNameStream } from './streamNames.js';
import type { Streams } from './streams.js';

describe('what people tell of themselves', () => {
  let world: World;
  let streams: Streams;
  let profiles: ProfileCommands;
  let ada: AccountId;
  let [old, other] = ['', ''];
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
    profiles = new ProfileCommands({ streams, sealing: world.sealing, ids: world.ids });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    tests++;
    [old, other] = [`ada${tests}@example.org`, `lovelace${tests}@example.org`];
    ada = await register(`ada${tests}`, old);
  });

  const register = async (name: string, email: string, verified = true): Promise<AccountId> => {
    const { sealing, ids } = world;
    const accounts = new AccountCommands({ streams, sealing, passwords: plainPasswords, ids });
    const person = { name: parseNamespaceName(name), email, password: null, superuser: false, timeMachineSeconds: 0 };
    return (await accounts.register({ ...person, verified }, context())).accountId;
  };
  const account = (id: AccountId) => streams.load(accountAggregate, accountStream(id));
  const hmac = (email: string) => emailHmac(world.sealing, email);
  const ownerOf = async (email: string) =>
    (await streams.load(nameAggregate, emailNameStream(await hmac(email)))).owner;
  /** The plain text of a field of the last event. */
  const told = async (field: string): Promise<string | null> => {
    const last = await world.stores.events.readLast(accountStream(ada));
    const sealed = last?.data[field];
    return last && isSealed(sealed) ? world.sealing.open(sealed, `${last.id}/${field}`) : null;
  };

  it('is sealed, and bound to its event', async () => {
    const profile = { given_name: 'Ada', family_name: 'Lovelace', company: null, location: 'London' };
    await profiles.changeProfile(ada, profile, context());
    expect(JSON.parse((await told('profile')) ?? '')).toEqual(profile);
    const nothing = { given_name: null, family_name: null, company: null, location: null };
    await profiles.changeProfile(ada, nothing, context());
    expect((await world.stores.events.readLast(accountStream(ada)))?.data).toEqual({ profile: null });
  });

  it('is that an address is theirs', async () => {
    const eve = await register(`eve${tests}`, other, false);
    expect(await account(eve)).toMatchObject({ verified: false });
    await profiles.verifyEmail(eve, context());
    expect(await account(eve)).toMatchObject({ verified: true });
  });

  describe('when it is another address', () => {
    it('gives the old one free', async () => {
      await profiles.changeEmail(ada, other, context());
      expect(await told('email')).toBe(other);
      expect(await account(ada)).toMatchObject({ emailHmac: await hmac(other) });
      expect(await ownerOf(other)).toBe(accountStream(ada));
      expect(await ownerOf(old)).toBeNull();
    });

    it('is one that nobody else has', async () => {
      await register(`bob${tests}`, other);
      await expect(profiles.changeEmail(ada, other.toUpperCase(), context())).rejects.toThrow(EmailTaken);
      expect(await account(ada)).toMatchObject({ emailHmac: await hmac(old) });
    });

    it('may be the same in other letters, or none', async () => {
      await profiles.changeEmail(ada, old.toUpperCase(), context());
      expect(await told('email')).toBe(old.toUpperCase());
      expect(await ownerOf(old)).toBe(accountStream(ada));
      await profiles.changeEmail(ada, null, context());
      expect(await account(ada)).toMatchObject({ emailHmac: null });
      expect(await ownerOf(old)).toBeNull();
    });

    it('is that of one of two who want it at the same time', async () => {
      const bob = await register(`bob${tests}`, `bob${tests}@example.org`);
      const settled = await Promise.allSettled([ada, bob].map((id) => profiles.changeEmail(id, other, context())));
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const owner = await ownerOf(other);
      for (const id of [ada, bob]) {
        const bears = (await account(id)).kind === 'active' && owner === accountStream(id);
        const told = { emailHmac: await hmac(other) };
        if (bears) expect(await account(id)).toMatchObject(told);
        else expect(await account(id)).not.toMatchObject(told);
      }
    });

    it('makes way when the change broke off after the claim, and cannot come back', async () => {
      const stream = emailNameStream(await hmac(other));
      await streams.decide(nameAggregate, stream, context(), (state) =>
        decideClaim({ name: 'claim', claimant: accountStream(ada), void: null }, state),
      );
      const bob = await register(`bob${tests}`, other);
      expect(await ownerOf(other)).toBe(accountStream(bob));
      expect(await account(ada)).toMatchObject({ emailHmac: await hmac(old), lapses: 1 });
      await expect(profiles.changeEmail(ada, other, context())).rejects.toThrow(EmailTaken);
    });
  });

  it('is told of those who exist', async () => {
    const nobody = 'nobody' as AccountId;
    await expect(profiles.changeEmail(nobody, other, context())).rejects.toThrow(AccountUnknown);
    await expect(profiles.verifyEmail(nobody, context())).rejects.toThrow(AccountUnknown);
  });
});

const isSealed = (value: unknown): value is Sealed => isJsonObject(value) && typeof value['box'] === 'string';
