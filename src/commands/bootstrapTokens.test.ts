import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { context, World } from '../../test/support/world.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import type { TokenPlace } from '../ports/tokenPlace.js';
import { ApplicationCommands, TOKEN_LOOKUP } from './applications.js';
import { BootstrapTokens, TokenRotationFailed, type BootstrapClient } from './bootstrapTokens.js';
import { organizationStream } from './streamNames.js';
import type { Streams } from './streams.js';

const [accountId, namespaceId] = ['root' as AccountId, 'roots' as NamespaceId];

let world: World;
let streams: Streams;
let client: BootstrapClient;
let kept: string | undefined;
let isBroken: boolean;

const place: TokenPlace = {
  read: () => Promise.resolve(kept),
  write: (token) => {
    if (isBroken) return Promise.reject(new Error('no space left on device'));
    kept = token;
    return Promise.resolve();
  },
  remove: () => {
    kept = undefined;
    return Promise.resolve();
  },
};

beforeEach(async () => {
  world = await World.open();
  streams = world.streams();
  [kept, isBroken] = [undefined, false];
  client = { accountId, namespaceId, clientId: await tokens().register(namespaceId, context()) };
});
afterEach(() => world.close());

const state = async () => (await streams.load(organizationAggregate, organizationStream(namespaceId))).applications;

function tokens(): BootstrapTokens {
  const { sealing, ids } = world;
  return new BootstrapTokens({
    // One token is allowed, and it does not count.
    applications: new ApplicationCommands({ streams, sealing, ids, maximumTokens: 1 }),
    ...{ place, scopes: ['super:user'], lifetimeSeconds: 60 },
    tokensOf: async () => [...(await state()).tokens.keys()],
  });
}

/** Of the tokens in the log, those that were made for what is in the place. */
async function lookups(): Promise<unknown[]> {
  const events = (await world.log()).filter(({ type }) => type === 'ApplicationTokenIssued');
  return events.map(({ data }) => data['lookup']);
}

it('one takes the place of the other, each time', async () => {
  for (let rotation = 1; rotation <= 3; rotation++) {
    await tokens().rotate(client, context());
    expect((await state()).tokens.size).toBe(1);
    expect((await lookups()).at(-1)).toBe(await world.sealing.lookup(TOKEN_LOOKUP, kept ?? ''));
    expect(await lookups()).toHaveLength(rotation);
  }
});

it('one that cannot be written down serves nobody, and the one before goes on', async () => {
  await tokens().rotate(client, context());
  const [before, token] = [[...(await state()).tokens.keys()], kept];
  isBroken = true;
  await expect(tokens().rotate(client, context())).rejects.toThrow(new TokenRotationFailed('write token', {}).message);
  expect([...(await state()).tokens.keys()]).toEqual(before);
  expect(kept).toBe(token);
});

it('ends with its application, and leaves nothing in its place', async () => {
  await tokens().rotate(client, context());
  await tokens().retire(client, context());
  expect(kept).toBeUndefined();
  expect(await state()).toMatchObject({ registered: new Map(), tokens: new Map() });
});
