import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { StoreUnavailable } from '../ports/errors.js';
import { FirstAccount } from './firstAccount.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** That of one process. */
const firstAccount = (): FirstAccount =>
  new FirstAccount({ operational: world.stores.operational, clock: world.clock });
const made = (): Promise<string> => Promise.resolve('made');

it('is made by one process at a time', async () => {
  let finish: (what: string) => void = () => undefined;
  const begun = Promise.withResolvers<undefined>();
  const making = firstAccount().alone(() => {
    begun.resolve(undefined);
    return new Promise<string>((resolve) => (finish = resolve));
  });
  await begun.promise;
  await expect(firstAccount().alone(made)).rejects.toThrow(StoreUnavailable);
  finish('the first');
  expect(await making).toBe('the first');
  expect(await firstAccount().alone(made)).toBe('made');
});

it('can be tried again after a failure, and after a process that died in it', async () => {
  await expect(firstAccount().alone(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await firstAccount().alone(made)).toBe('made');
  const begun = Promise.withResolvers<undefined>();
  const dying = firstAccount().alone(() => {
    begun.resolve(undefined);
    return new Promise<string>(() => undefined);
  });
  await begun.promise;
  world.clock.pass(60);
  expect(await firstAccount().alone(made)).toBe('made');
  void dying;
});
