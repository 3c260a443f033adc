import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, World } from '../../test/support/world.js';
import { GrantInvalid, GrantScopeInvalid, AuthorizationCodes, type Exchange } from './authorizations.js';
import { ApplicationCommands, TOKEN_LOOKUP, TOKEN_SECONDS, type NewToken } from './applications.js';
import { ApplicationUnknown, AssignmentUnknown, TokenLimitReached } from '../domain/organization/application/errors.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import { plusSeconds } from '../domain/shared/time.js';
import { ApplicationQueries } from '../projections/applicationQueries.js';
import {
  applications,
  type ApplicationDocument,
  type ApplicationTokenDocument,
  type AssignmentDocument,
} from '../projections/applications.js';
import { LaneFeed, projected } from '../projections/feed.js';
import { laneSpec } from '../projections/projector.js';
import { namespaceAggregate } from '../domain/namespace/namespace.js';
import { namespaceSubject } from './sealing.js';
import { namespaceStream } from './streamNames.js';

const [ada, bob] = ['ada' as AccountId, 'bob' as AccountId];
const description = {
  ...{ name: 'automation', description: 'nightly', applicationUri: 'https://ci.test' },
  ...{ redirectUri: 'https://ci.test/cb', avatarEmail: 'ci@example.org' },
};

describe('applications', () => {
  let world: World;
  let commands: ApplicationCommands;
  let org: NamespaceId;
  let spaces = 0;
  const disabled = new Set<AccountId>();

  beforeAll(async () => {
    world = await World.open();
    const { sealing, ids } = world;
    commands = new ApplicationCommands({ streams: world.streams(), sealing, ids, maximumTokens: 3 });
  });
  afterAll(() => world.close());
  beforeEach(() => {
    org = `org-${++spaces}` as NamespaceId;
    disabled.clear();
  });

  const register = () => commands.register(org, description, context());
  const token = (clientId: string, changes: Partial<NewToken> = {}) =>
    commands.issueToken(
      org,
      {
        ...{ clientId, accountId: ada, scopes: ['repo:read', 'user:read'], name: 'nightly', lifetimeSeconds: 60 },
        ...{ issuedBy: ada, assignmentId: null, ...changes },
      },
      context(),
    );
  /** The read model after everything that has happened. */
  async function queries(): Promise<ApplicationQueries> {
    const lane = await world.stores.documents.active(laneSpec(applications));
    await (await LaneFeed.open(applications, lane)).apply((await world.log()).map(projected));
    return new ApplicationQueries(
      lane.collection<ApplicationDocument>('applications'),
      lane.collection<ApplicationTokenDocument>('tokens'),
      lane.collection<AssignmentDocument>('assignments'),
    );
  }
  const lookup = (secret: string) => world.sealing.lookup(TOKEN_LOOKUP, secret);
  const found = async (secret: string) => (await queries()).tokenByLookup(await lookup(secret));
  const secretOf = async (clientId: string): Promise<string | null> => {
    const application = await (await queries()).application(clientId);
    if (!application) throw new Error('there is no such application');
    return world.sealing.open(application.secret, `${application.secretEvent}/secret`);
  };

  it('have a client id and a secret, sealed with the key of their namespace', async () => {
    const clientId = await register();
    expect(clientId).toMatch(/^[A-Z0-9]{20}$/);
    const application = await (await queries()).application(clientId);
    expect(application).toMatchObject({ namespaceId: org, name: 'automation', redirectUri: 'https://ci.test/cb' });
    expect(application?.secret.subject).toBe(namespaceSubject(org));
    expect(await secretOf(clientId)).toMatch(/^[A-Z0-9]{40}$/);
    const email = application?.avatarEmail;
    expect(email && (await world.sealing.open(email, `${application.avatarEvent}/avatarEmail`))).toBe('ci@example.org');
  });

  it('are listed by namespace in order of name, until they are removed', async () => {
    const one = await register();
    const other = await commands.register(org, { ...description, name: 'a' }, context());
    expect((await (await queries()).inNamespace(org)).map(({ clientId }) => clientId)).toEqual([other, one]);
    await commands.remove(org, other, context());
    expect((await (await queries()).inNamespace(org)).map(({ clientId }) => clientId)).toEqual([one]);
  });

  it('change as a whole, and keep their secret', async () => {
    const clientId = await register();
    const secret = await secretOf(clientId);
    await commands.change(org, clientId, { ...description, name: 'other', avatarEmail: null }, context());
    expect(await (await queries()).application(clientId)).toMatchObject({ name: 'other', avatarEmail: null });
    expect(await secretOf(clientId)).toBe(secret);
  });

  it('get another secret', async () => {
    const clientId = await register();
    const secret = await secretOf(clientId);
    await commands.resetSecret(org, clientId, context());
    expect(await secretOf(clientId)).toMatch(/^[A-Z0-9]{40}$/);
    expect(await secretOf(clientId)).not.toBe(secret);
  });

  it('are not made in a namespace whose key is gone', async () => {
    await world.stores.keys.destroy(namespaceSubject(org));
    await expect(register()).rejects.toThrow(ApplicationUnknown);
  });

  it('are gone with their namespace, and their tokens with them', async () => {
    const clientId = await register();
    const { token: secret } = await token(clientId);
    await world
      .streams()
      .decide(namespaceAggregate, namespaceStream(org), context(), () => [{ type: 'NamespaceDeleted', data: {} }]);
    expect(await (await queries()).inNamespace(org)).toEqual([]);
    expect(await found(secret)).toBeUndefined();
  });

  describe('have tokens', () => {
    it('of which only an HMAC is kept', async () => {
      const clientId = await register();
      const issued = await token(clientId);
      expect(issued.token).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(issued.expires).toBe(plusSeconds(world.clock.now(), 60));
      expect(JSON.stringify(await world.log())).not.toContain(issued.token);
      expect(await found(issued.token)).toEqual({
        ...{ id: issued.tokenId, clientId, namespaceId: org, accountId: ada, scope: 'repo:read user:read' },
        ...{ name: 'nightly', lookup: await lookup(issued.token), issuedBy: ada },
        ...{ created: issued.created, expires: issued.expires },
      });
    });

    it('as many as are allowed to live', async () => {
      const clientId = await register();
      for (let made = 0; made < 3; made++) await token(clientId);
      await expect(token(clientId)).rejects.toThrow(new TokenLimitReached(3).message);
      world.clock.pass(60);
      await expect(token(clientId)).resolves.toBeDefined();
    });

    it('until they are revoked, or the application is removed', async () => {
      const clientId = await register();
      const [one, other] = [await token(clientId), await token(clientId)];
      await commands.revokeToken(org, { tokenId: one.tokenId, from: 'application' }, context());
      expect(await found(one.token)).toBeUndefined();
      expect(await found(other.token)).toBeDefined();
      await commands.remove(org, clientId, context());
      expect(await found(other.token)).toBeUndefined();
      expect(await (await queries()).token(other.tokenId)).toBeUndefined();
    });

    it('listed in pages of those that live, newest first', async () => {
      const clientId = await register();
      const short = await token(clientId, { lifetimeSeconds: 1 });
      world.clock.pass(1);
      const first = await token(clientId);
      world.clock.pass(1);
      const second = await token(clientId);
      const now = world.clock.now();
      const all = await queries();
      const page = await all.liveTokens(clientId, { now, limit: 1 });
      expect([page.tokens.map(({ id }) => id), page.more]).toEqual([[second.tokenId], true]);
      const rest = await all.liveTokens(clientId, { now, limit: 50, before: second.tokenId });
      expect(rest).toEqual({ tokens: [expect.objectContaining({ id: first.tokenId })], more: false });
      // What has run out is no reason for another page.
      expect(await all.liveTokens(clientId, { now, limit: 2 })).toMatchObject({ more: false });
      const whose = (await all.tokensOf(ada)).filter((each) => each.namespaceId === org).map(({ id }) => id);
      expect(whose).toEqual([second.tokenId, first.tokenId, short.tokenId]);
    });
  });

  describe('are assigned', () => {
    const assign = (clientId: string) =>
      commands.assign(
        org,
        { clientId, accountId: bob, redirectUri: '', scopes: ['repo:create'], responseType: 'token' },
        context(),
      );
    const waiting = async () => (await (await queries()).assignmentsOf(bob)).filter((each) => each.namespaceId === org);

    it('to somebody who makes one token for it', async () => {
      const clientId = await register();
      const assignmentId = await assign(clientId);
      expect(await waiting()).toMatchObject([{ id: assignmentId, clientId, scope: 'repo:create' }]);
      const mine = { accountId: bob, issuedBy: bob, scopes: ['repo:create'] as const, assignmentId };
      await token(clientId, mine);
      expect(await waiting()).toEqual([]);
      await expect(token(clientId, mine)).rejects.toThrow(AssignmentUnknown);
    });

    it('until somebody withdraws it, or the application is removed', async () => {
      const clientId = await register();
      const [one, other] = [await assign(clientId), await assign(clientId)];
      await commands.removeAssignment(org, one, context());
      expect(await waiting()).toMatchObject([{ id: other }]);
      await commands.remove(org, clientId, context());
      expect(await waiting()).toEqual([]);
    });
  });

  describe('get a code', () => {
    const codes = () => {
      const { operational } = world.stores;
      const isActive = (id: AccountId) => Promise.resolve(!disabled.has(id));
      const { sealing, clock, ids } = world;
      return new AuthorizationCodes({ operational, sealing, clock, ids, applications: commands, isActive });
    };
    const redirectUri = 'https://ci.test/cb';
    const granted = async (): Promise<Exchange> => {
      const clientId = await register();
      const scope = 'repo:read,user:read';
      const code = await codes().grant({ clientId, namespaceId: org, accountId: bob, redirectUri, scope });
      return { clientId, redirectUri, scope, code };
    };
    const exchange = (shown: Exchange) => codes().exchange(shown, context({ actor: { kind: 'anonymous', id: null } }));

    it('that is exchanged for a token of whom granted it', async () => {
      const shown = await granted();
      expect(shown.code).toMatch(/^[A-Za-z0-9]{40}$/);
      const issued = await exchange(shown);
      expect(issued.expires).toBe(plusSeconds(world.clock.now(), TOKEN_SECONDS));
      expect(await found(issued.token)).toMatchObject({ accountId: bob, scope: 'repo:read user:read', name: null });
      expect((await world.log()).at(-1)?.metadata.actor).toEqual({ kind: 'user', id: bob });
    });

    it('that is written down nowhere', async () => {
      const { code } = await granted();
      const kept = await world.stores.operational.list('authorizationCodes', { limit: 100 });
      expect(kept.length).toBeGreaterThan(0);
      expect(JSON.stringify([kept, await world.log()])).not.toContain(code);
    });

    it('that is good for one token: shown again, it takes that one away', async () => {
      const shown = await granted();
      const { token: secret } = await exchange(shown);
      await expect(exchange(shown)).rejects.toThrow(GrantInvalid);
      expect(await found(secret)).toBeUndefined();
      await expect(exchange(shown)).rejects.toThrow(GrantInvalid);
    });

    it('of which at most one of many who come at once gets a token', async () => {
      const shown = await granted();
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => exchange(shown)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it.each<[string, Partial<Exchange>, typeof GrantInvalid | typeof GrantScopeInvalid]>([
      ['by another application', { clientId: 'OTHER' }, GrantInvalid],
      ['for another address', { redirectUri: 'https://ci.test/cb/other' }, GrantInvalid],
      ['for more than was granted', { scope: 'repo:read,user:read,super:user' }, GrantScopeInvalid],
      ['for less than was granted, in other words', { scope: 'repo:read user:read' }, GrantScopeInvalid],
      ['with one letter changed', { code: 'x'.repeat(40) }, GrantInvalid],
    ])('that cannot be exchanged %s, and stays good for whom it is for', async (_what, changes, refusal) => {
      const shown = await granted();
      await expect(exchange({ ...shown, ...changes })).rejects.toThrow(refusal);
      await expect(exchange(shown)).resolves.toBeDefined();
    });

    it('that runs out', async () => {
      const shown = await granted();
      world.clock.pass(600);
      await expect(exchange(shown)).rejects.toThrow(GrantInvalid);
    });

    it('that is no good when its owner is disabled, or the application is gone', async () => {
      const shown = await granted();
      disabled.add(bob);
      await expect(exchange(shown)).rejects.toThrow(GrantInvalid);
      disabled.clear();
      await commands.remove(org, shown.clientId, context());
      await expect(exchange(shown)).rejects.toThrow(ApplicationUnknown);
    });
  });
});
