import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import type { CredentialRef } from '../domain/shared/envelope.js';
import { LAST_USES, LastUses } from './lastUses.js';

const token: CredentialRef = { kind: 'oauth-token', id: 'token' };
const robot: CredentialRef = { kind: 'robot-token', id: 'token' };

let world: World;
let failures: unknown[];
beforeEach(async () => {
  world = await World.open();
  failures = [];
});
afterEach(() => world.close());

const lastUses = (): LastUses =>
  new LastUses({
    ...{ operational: world.stores.operational, clock: world.clock },
    thresholdSeconds: (kind) => (kind === 'app-token' ? null : 60),
    failed: (error) => failures.push(error),
  });

it('a credential that was never used has no last use', async () => {
  expect(await lastUses().of([token, robot])).toEqual([null, null]);
});

it('is that of each credential, also after a restart', async () => {
  const uses = lastUses();
  const first = world.clock.now();
  uses.note(token);
  expect(await uses.of([robot, token])).toEqual([null, first]);
  await uses.settled();
  await world.restart();
  expect(await lastUses().of([robot, token])).toEqual([null, first]);
});

it('moves once in a minute, however often it is used', async () => {
  const uses = lastUses();
  const first = world.clock.now();
  for (let second = 0; second < 60; second++) {
    uses.note(token);
    world.clock.pass(1);
  }
  await uses.settled();
  expect((await world.stores.operational.get(LAST_USES, 'oauth-token/token'))?.version).toBe(1);
  expect(await uses.of([token])).toEqual([first]);
  const second = world.clock.now();
  uses.note(token);
  expect(await uses.of([token])).toEqual([second]);
});

it('of a person is one, whether he comes by a session or by his password', async () => {
  const uses = lastUses();
  uses.note({ kind: 'password', id: 'ada' });
  expect(await uses.of([{ kind: 'session', id: 'ada' }])).toEqual([world.clock.now()]);
});

it('is not kept where it is not wanted', async () => {
  const uses = lastUses();
  uses.note({ kind: 'app-token', id: 'a' });
  expect(await uses.of([{ kind: 'app-token', id: 'a' }])).toEqual([null]);
  expect(await world.stores.operational.list(LAST_USES, { limit: 10 })).toEqual([]);
});

it('that cannot be written is told to who looks after it, and holds nobody up', async () => {
  const uses = lastUses();
  await world.stores.close();
  uses.note(token);
  await uses.settled();
  expect(failures).toHaveLength(1);
});
