import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { accountAggregate } from '../domain/account/account.js';
import { AccountExists, FirstAccountExists } from '../domain/account/errors.js';
import { decideDelete } from '../domain/account/lifecycle.js';
import { NameTaken } from '../domain/names/name.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import { AccountCommands, type RegisteredUser } from './accounts.js';
import { accountStream } from './streamNames.js';
import type { Streams } from './streams.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** Makes a first account in one process. */
const make = (name: string, streams: Streams = world.streams(), first = true): Promise<RegisteredUser> => {
  const { sealing, ids } = world;
  const email = `${name}@example.org`;
  const user = { name: parseNamespaceName(name), email, password: null, superuser: true, timeMachineSeconds: 0, first };
  return new AccountCommands({ streams, sealing, passwords: plainPasswords, ids }).register(user, context());
};

/** The names of all accounts that were ever registered. */
async function registered(): Promise<unknown[]> {
  const events = await world.log();
  return events.flatMap(({ type, data }) => (type === 'AccountRegistered' ? [data['name']] : []));
}

/** A process that falls asleep when one of its appends is done. */
function sleeper(afterAppends: number): { streams: Streams; asleep: Promise<void>; wake: () => void } {
  const [falling, waking] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  let appends = 0;
  const streams = world.streams({
    appended: async () => {
      if (++appends !== afterAppends) return;
      falling.resolve(undefined);
      await waking.promise;
    },
  });
  const wake = (): void => {
    waking.resolve(undefined);
  };
  return { streams, asleep: falling.promise.then(() => undefined), wake };
}

it('is made once', async () => {
  await make('ada');
  await expect(make('bob')).rejects.toThrow(FirstAccountExists);
  expect(await registered()).toEqual(['ada']);
});

it.each([
  ['claimed that it is the first one', 1],
  ['claimed its name', 2],
  ['claimed its e-mail', 3],
  ['created its namespace', 4],
])('is made by another process when the one that has %s sleeps on, who finds that when it wakes up', async (_, at) => {
  const { streams, asleep, wake } = sleeper(at);
  const sleeping = make('ada', streams);
  await asleep;
  await make('bob');
  wake();
  await expect(sleeping).rejects.toThrow(AccountExists);
  expect(await registered()).toEqual(['bob']);
});

it('is that of a process which sleeps when it has made it', async () => {
  const { streams, asleep, wake } = sleeper(5);
  const sleeping = make('ada', streams);
  await asleep;
  await expect(make('bob')).rejects.toThrow(FirstAccountExists);
  wake();
  await sleeping;
  expect(await registered()).toEqual(['ada']);
});

it('is one, whatever many processes do at once', async () => {
  const outcomes = await Promise.allSettled(['ada', 'bob', 'cyd', 'dan'].map((name) => make(name)));
  const made = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(made).toHaveLength(1);
  expect(await registered()).toHaveLength(1);
});

it('can be made at once by somebody else when its name was refused', async () => {
  await make('ada', world.streams(), false);
  await expect(make('ada')).rejects.toThrow(NameTaken);
  await make('bob');
  expect(await registered()).toEqual(['ada', 'bob']);
});

it('can be made again in a registry whose first account is gone', async () => {
  const { accountId } = await make('ada');
  await world
    .streams()
    .decide(accountAggregate, accountStream(accountId), context(), (state) => decideDelete([], state));
  await make('bob');
  expect(await registered()).toEqual(['ada', 'bob']);
});
