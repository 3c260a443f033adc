import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { Acme, done, type People } from '../support/acme.js';
import { closeConnections } from '../support/v2client.js';

type Entity = {
  readonly name: string;
  readonly kind: string;
  readonly is_robot?: boolean;
  readonly is_org_member?: boolean;
};

let acme: Acme;

beforeAll(async () => {
  acme = await Acme.open();
  const { owner } = acme.people;
  await done(owner.put('/api/v1/organization/acme/team/robotics', { role: 'member' }));
  await done(owner.put('/api/v1/user/robots/river'));
});
afterAll(async () => {
  closeConnections();
  await acme.close();
});

const entities = async (who: keyof People, path: string): Promise<readonly Entity[]> =>
  (await acme.people[who].get(`/api/v1/entities/${path}`)).json<{ results: Entity[] }>().results;
const found = async (who: keyof People, text: string): Promise<readonly string[]> =>
  (await acme.people[who].get(`/api/v1/find/all?query=${text}`))
    .json<{ results: { kind: string; name: string }[] }>()
    .results.map(({ kind, name }) => `${kind} ${name}`);
/** Its description has the word, too. */
const OPEN = ['repository open'];
const brief = (results: readonly Entity[]): string[] => results.map(({ name, kind }) => `${kind} ${name}`);

describe('names that are completed for an organization', () => {
  it('are of teams, users and robots, in this order, for its members', async () => {
    const path = 'r?namespace=acme&includeTeams=true';
    expect(brief(await entities('owner', path))).toEqual(['team readers', 'team robotics', 'user rita']);
    expect(brief(await entities('member', path))).toEqual(['team readers', 'team robotics', 'user rita']);
    expect(brief(await entities('stranger', path))).toEqual(['user rita']);
    expect(await entities('member', 'c?namespace=acme')).toEqual([
      {
        name: 'acme+ci',
        kind: 'user',
        is_robot: true,
        is_org_member: true,
        avatar: expect.objectContaining({ kind: 'robot' }),
      },
    ]);
    expect(await entities('anonymous', 'c?namespace=acme')).toEqual([]);
  });

  it('tell who belongs to it', async () => {
    const member = async (name: string) => (await entities('owner', `${name}?namespace=acme`))[0]?.is_org_member;
    expect([await member('mia'), await member('olga'), await member('stan')]).toEqual([true, true, false]);
  });

  it('may be its own, for who administers it', async () => {
    const path = 'ac?namespace=acme&includeOrgs=true';
    expect(brief(await entities('owner', path))).toEqual(['org acme']);
    expect(await entities('member', path)).toEqual([]);
    expect(await entities('owner', 'zz?namespace=acme&includeOrgs=true')).toEqual([]);
  });

  it('are of the robots of one’s own namespace, too', async () => {
    const [robot, ...others] = await entities('owner', 'riv?namespace=olga');
    expect([robot?.name, robot?.is_org_member, others]).toEqual(['olga+river', undefined, []]);
    expect(await entities('member', 'riv?namespace=olga')).toEqual([]);
  });
});

describe('a search for everything', () => {
  it('finds teams that somebody is in or administers', async () => {
    expect(await found('owner', 'read')).toEqual(['team readers']);
    expect(await found('member', 'read')).toEqual(['team readers']);
    expect(await found('owner', 'robotics')).toEqual(['team robotics']);
    expect(await found('member', 'robotics')).toEqual([]);
    expect(await found('stranger', 'read')).toEqual([]);
  });

  it('finds robots for who administers them, by their short and by their whole name', async () => {
    expect(await found('owner', 'riv')).toEqual(['robot olga+river']);
    expect(await found('owner', 'acme%2Bc')).toEqual(['robot acme+ci']);
    expect(await found('member', 'acme%2Bc')).toEqual([]);
  });

  it('finds an organization that has something to see', async () => {
    for (const who of ['owner', 'member', 'reader', 'stranger', 'anonymous'] as const) {
      expect(await found(who, 'acm')).toEqual(['organization acme']);
    }
  });

  it('finds private repositories by a role of one’s own, by a team, and by administering them', async () => {
    for (const who of ['owner', 'member', 'reader', 'writer', 'admin'] as const) {
      expect(await found(who, 'acme/app')).toContain('repository app');
    }
    for (const who of ['stranger', 'anonymous', 'superuser'] as const) {
      expect(await found(who, 'acme/app')).not.toContain('repository app');
    }
    expect(await found('stranger', 'acme/op')).toEqual(['repository open']);
  });

  it('finds the same repositories no more when the role is taken away', async () => {
    await done(acme.people.owner.delete('/api/v1/repository/acme/app/permissions/user/rita'));
    expect(await found('reader', 'acme/app')).toEqual(OPEN);
  });

  it('finds what a token reaches', async () => {
    const path = `/api/v1/organization/acme/applications/${acme.ids.clientId}/tokens`;
    const results = async (scope: string): Promise<number> => {
      const answer = await done(acme.people.owner.post(path, { name: scope, scope }));
      const headers = { Authorization: `Bearer ${answer.json<{ token: string }>().token}` };
      return (await acme.people.anonymous.get('/api/v1/find/all?query=acme/app', headers)).json<{
        results: unknown[];
      }>().results.length;
    };
    expect([await results('user:read'), await results('repo:read')]).toEqual([1, 2]);
  });
});
