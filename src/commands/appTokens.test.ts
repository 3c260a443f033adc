import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { AccountUnknown, AppTokenUnknown } from '../domain/account/errors.js';
import type { AccountId } from '../domain/shared/ids.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import { plusSeconds } from '../domain/shared/time.js';
import { AccountCommands } from './accounts.js';
import { AppTokenCommands, appTokenLookup } from './appTokens.js';
import { accountStream } from './streamNames.js';

describe('tokens for applications', () => {
  let world: World;
  let ada: AccountId;
  beforeAll(async () => {
    world = await World.open();
    const { sealing, ids } = world;
    const accounts = new AccountCommands({ streams: world.streams(), sealing, passwords: plainPasswords, ids });
    const person = { name: parseNamespaceName('ada'), email: null, password: null, superuser: false };
    ada = (await accounts.register({ ...person, timeMachineSeconds: 0 }, context())).accountId;
  });
  afterAll(() => world.close());

  const commands = (lifetimeSeconds: number | null = null): AppTokenCommands => {
    const { sealing, clock, ids } = world;
    return new AppTokenCommands({ streams: world.streams(), sealing, clock, ids, lifetimeSeconds });
  };
  const last = () => world.stores.events.readLast(accountStream(ada));

  it('are long, all different, and in no event in clear', async () => {
    const one = await commands().issue(ada, 'laptop', context());
    const event = await last();
    const other = await commands().issue(ada, 'laptop', context());
    for (const { token } of [one, other]) expect(token).toMatch(/^[A-Z0-9]{120}$/);
    expect(one.token.slice(0, 60)).not.toBe(other.token.slice(0, 60));
    expect(JSON.stringify(event)).not.toContain(one.token.slice(0, 60));
    expect(JSON.stringify(event)).not.toContain(one.token.slice(60));
    const lookup = await appTokenLookup(world.sealing, one.token);
    expect(event?.data).toMatchObject({ tokenId: one.tokenId, title: 'laptop', lookup, expires: null });
  });

  it('live as long as is configured', async () => {
    await commands(60).issue(ada, 'laptop', context());
    expect((await last())?.data).toMatchObject({ expires: plusSeconds(world.clock.now(), 60) });
  });

  it('are taken back once', async () => {
    const { tokenId } = await commands().issue(ada, 'laptop', context());
    await commands().revoke(ada, tokenId, context());
    expect((await last())?.data).toEqual({ tokenId });
    await expect(commands().revoke(ada, tokenId, context())).rejects.toThrow(AppTokenUnknown);
  });

  it('are for those who exist', async () => {
    await expect(commands().issue('nobody' as AccountId, 'laptop', context())).rejects.toThrow(AccountUnknown);
  });
});
