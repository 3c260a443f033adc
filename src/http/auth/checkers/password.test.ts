import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { World } from '../../../../test/support/world.js';
import { LoginAttempts } from '../../../commands/loginAttempts.js';
import { accountDocument as account } from '../../../../test/support/accountDocument.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import { LoginFailed, LoginLocked } from '../login.js';
import { PasswordChecker } from './password.js';
import { EncryptedPasswords } from '../encryptedPassword.js';

describe('passwords', () => {
  let known: Map<string, AccountDocument>;
  let hash: string;
  let compared: number;
  let atOnce: number;
  let most: number;
  let passwords: PasswordChecker;

  let world: World;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    // The stores remember what other tests typed.
    const test = ++tests;
    const lookup = (_what: string, text: string): Promise<string> => Promise.resolve(`${test} ${text}`);
    const { clock } = world;
    known = new Map(['ada', 'bob'].map((name) => [name, account(name)]));
    hash = 'hash of right';
    [compared, atOnce, most] = [0, 0, 0];
    const verify = async (stored: string | null, password: string): Promise<boolean> => {
      compared++;
      most = Math.max(most, ++atOnce);
      await sleep(2);
      atOnce--;
      return stored === `hash of ${password}`;
    };
    passwords = new PasswordChecker({
      accounts: {
        byName: (name) => Promise.resolve(known.get(name)),
        byEmail: () => Promise.resolve(undefined),
      },
      sealing: { lookup, open: () => Promise.resolve(hash) },
      passwords: { hash: (password) => Promise.resolve(`hash of ${password}`), verify },
      attempts: new LoginAttempts({ operational: world.stores.operational, sealing: { lookup }, clock }),
      encrypted: new EncryptedPasswords(Buffer.alloc(32, 1)),
      encryptedOnly: false,
    });
  });

  /** How often each thing came of so many logins at once. */
  const together = async (logins: readonly (readonly [string, string])[]): Promise<Record<string, number>> => {
    const results = await Promise.allSettled(logins.map(([name, password]) => passwords.check(name, password)));
    const counts: Record<string, number> = {};
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
      const what = reason === undefined ? 'in' : reason instanceof LoginLocked ? 'locked' : 'wrong';
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  };

  it('look at one of many guesses at once', async () => {
    const guesses = Array.from({ length: 200 }, (_, number) => ['ada', `guess ${number}`] as const);
    expect(await together(guesses)).toEqual({ wrong: 1, locked: 199 });
    expect(compared).toBe(1);
  });

  it('count a name in capitals or with spaces as the same', async () => {
    expect(
      await together([
        ['ada', 'guess'],
        ['ADA', 'guess'],
        [' ada', 'guess'],
      ]),
    ).toEqual({ wrong: 1, locked: 2 });
  });

  it('let a burst of one right password in, for the price of one look', async () => {
    expect(await together(Array.from({ length: 50 }, () => ['ada', 'right'] as const))).toEqual({ in: 50 });
    expect(compared).toBe(1);
  });

  it('look again when the password was changed meanwhile', async () => {
    await passwords.check('ada', 'right');
    known.set('ada', account('ada', { passwordGeneration: 2 }));
    hash = 'hash of new';
    await expect(passwords.check('ada', 'right')).rejects.toThrow(LoginFailed);
    expect(compared).toBe(2);
  });

  it('refuse who was disabled meanwhile', async () => {
    await passwords.check('ada', 'right');
    known.set('ada', account('ada', { disabled: true }));
    await expect(passwords.check('ada', 'right')).rejects.toThrow(/disabled/);
  });

  it('do not take the password of another', async () => {
    await passwords.check('ada', 'right');
    hash = 'hash of other';
    await expect(passwords.check('bob', 'right')).rejects.toThrow(LoginFailed);
  });

  it('are taken as they were typed where no client can be meant', async () => {
    const encrypted = new EncryptedPasswords(Buffer.alloc(32, 1)).encrypt('right');
    await expect(passwords.owner('ada', encrypted)).rejects.toThrow(LoginFailed);
    await expect(passwords.check('bob', encrypted)).resolves.toBeDefined();
  });

  it('tell whose they are, in whatever state he is', async () => {
    known.set('ada', account('ada', { disabled: true, verified: false }));
    expect(await passwords.owner('ada', 'right')).toMatchObject({ name: 'ada' });
  });

  it('are looked at again at once when there is a new one', async () => {
    expect(await together([['ada', 'guess']])).toEqual({ wrong: 1 });
    expect(await together([['ada', 'right']])).toEqual({ locked: 1 });
    await passwords.forgive(['ada']);
    expect(await together([['ada', 'right']])).toEqual({ in: 1 });
  });

  it('compare four passwords at once, let so many wait and send the others away for a second', async () => {
    const guesses = Array.from({ length: 100 }, (_, number) => [`nobody-${number}`, 'guess'] as const);
    expect(await together(guesses)).toEqual({ wrong: 68, locked: 32 });
    expect(most).toBe(4);
    expect(atOnce).toBe(0);
    expect(await together([['ada', 'right']])).toEqual({ in: 1 });
  });

  it('do not count it as a failure that there was no time to look', async () => {
    const guesses = Array.from({ length: 100 }, (_, number) => [`nobody-${number}`, 'guess'] as const);
    expect(await together([...guesses, ['ada', 'right']])).toEqual({ wrong: 68, locked: 33 });
    expect(await together([['ada', 'right']])).toEqual({ in: 1 });
  });
});
