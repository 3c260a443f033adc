import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { TestFeed } from '../../test/support/projected.js';
import { World } from '../../test/support/world.js';
import { APP_TOKENS } from './accountDocuments.js';
import { accounts } from './accounts.js';

let world: World;
let feed: TestFeed;
beforeEach(async () => {
  world = await World.open();
  feed = new TestFeed(world, [accounts]);
});
afterEach(() => world.close());

const registered = {
  type: 'AccountRegistered',
  data: { name: 'ada', namespaceId: 'namespace', email: null, emailHmac: null, verified: true },
} as const;
const sealed = { subject: 'account:ada', box: 'token' };
const issued = {
  type: 'AppTokenIssued',
  data: { tokenId: 'token', title: 'laptop', lookup: 'hmac', token: sealed, expires: null },
} as const;
const deleted = { type: 'AccountDeleted', data: {} } as const;

const tokens = async (): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key } of (await feed.lane(accounts)).collection(APP_TOKENS).scan()) keys.push(key);
  return keys;
};

it('tokens of an account end with it, also when the end of its history is fed again', async () => {
  await feed.happened('account-ada', [registered, issued]);
  expect(await tokens()).toEqual(['token']);
  await feed.happened('account-ada', [deleted]);
  expect(await tokens()).toEqual([]);
  await feed.happened('account-ada', [issued, deleted]);
  expect(await tokens()).toEqual([]);
});
