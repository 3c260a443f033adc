import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { done, forbidden, invalid, notFound, rule, unauthenticated } from '../support/apiAnswers.js';
import type { ApiClient } from '../support/apiClient.js';
import { Community } from '../support/community.js';
import { pushImage } from '../support/images.js';
import { SmtpServer } from '../support/smtpServer.js';
import { readMail } from '../support/mime.js';

let smtp: SmtpServer;
let community: Community<'ada' | 'bob' | 'eve'>;
let ada: ApiClient;
let bob: ApiClient;
let eve: ApiClient;

beforeAll(async () => {
  smtp = await SmtpServer.start();
  community = await Community.start(['ada', 'bob', 'eve'], {
    ...{ MAIL_SERVER: 'localhost', MAIL_PORT: String(smtp.port), MAIL_USE_TLS: 'false' },
  });
  [ada, bob, eve] = [community.as('ada'), community.as('bob'), community.as('eve')];
});
afterAll(async () => {
  await community.stop();
  await smtp.stop();
});

const org = (name: string): string => `/api/v1/organization/${name}`;
const create = async (name: string): Promise<string> => {
  expect((await ada.post('/api/v1/organization/', { name })).status).toBe(201);
  return org(name);
};

/** Brings somebody into a team as he would come: invited, and willing. */
async function join(team: string, name: 'bob' | 'eve'): Promise<void> {
  expect((await ada.put(`${team}/members/${name}`)).status).toBe(200);
  const client = community.as(name);
  const { notifications } = (await client.get('/api/v1/user/notifications')).json<{
    notifications: { kind: string; metadata: { code: string } }[];
  }>();
  for (const { kind, metadata } of notifications) {
    if (kind === 'org_team_invite') await client.put(`/api/v1/teaminvite/${metadata.code}`);
  }
}

describe('a team', () => {
  it('of an address is mailed there a few times, and no more for a while', async () => {
    const path = await create('insisting');
    const invite = () => ada.put(`${path}/team/owners/invite/often@example.org`);
    const statuses: number[] = [];
    for (let times = 0; times < 6; times++) statuses.push((await invite()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await ada.put(`${path}/team/owners/invite/rarely@example.org`)).status).toBe(200);
  });

  it('has a name that follows the rule, and a role', async () => {
    const path = await create('naming');
    expect((await ada.put(`${path}/team/A b`, { role: 'member' })).both).toEqual(
      rule('Invalid team name A b: Namespace must match expression ^([a-z0-9]+(?:[._-][a-z0-9]+)*)$'),
    );
    expect((await ada.put(`${path}/team/a`, { role: 'member' })).both).toEqual(
      rule('Invalid team name a: Team must be between 2 and 255 characters in length'),
    );
    expect((await ada.put(`${path}/team/devs`, { role: 'king' })).both).toEqual(
      invalid("'king' is not one of ['member', 'creator', 'admin']"),
    );
    expect((await ada.put(`${path}/team/devs`, {})).both).toEqual(invalid("'role' is a required property"));
  });

  it('is for administrators to change', async () => {
    const path = await create('guarding');
    expect((await community.anybody.put(`${path}/team/devs`, { role: 'member' })).both).toEqual(unauthenticated);
    expect((await bob.put(`${path}/team/devs`, { role: 'member' })).both).toEqual(forbidden);
    expect((await bob.delete(`${path}/team/owners`)).both).toEqual(forbidden);
    expect((await bob.get(`${path}/team/owners/members`)).both).toEqual(forbidden);
  });

  it('cannot take the last administration from who changes it', async () => {
    const path = await create('lasting');
    expect((await ada.put(`${path}/team/owners`, { role: 'member' })).both).toEqual(
      rule("Cannot remove admin from team 'owners' because calling user would no longer have admin on org 'lasting'"),
    );
    expect((await ada.delete(`${path}/team/owners`)).both).toEqual(
      rule("Deleting team 'owners' would remove admin ability for user 'ada' in organization 'lasting'"),
    );
    expect((await ada.delete(`${path}/team/owners/members/ada`)).both).toEqual(
      rule('User cannot remove themselves from their only admin team.'),
    );
    expect((await ada.delete(`${path}/members/ada`)).both).toEqual(
      rule('Cannot remove user as they are the only organization admin'),
    );
  });

  it('that does not exist is told of as such', async () => {
    const path = await create('absence');
    expect((await ada.delete(`${path}/team/nobody`)).both).toEqual(
      rule("Team 'nobody' is not a team in org 'absence'"),
    );
    expect((await ada.get(`${path}/team/nobody/members`)).both).toEqual(notFound);
    expect((await ada.put(`${path}/team/nobody/members/bob`)).both).toEqual(notFound);
    expect((await ada.put(`${path}/team/owners/members/stranger`)).both).toEqual(invalid('Unknown user'));
    expect((await ada.delete(`${path}/team/owners/members/bob`)).both).toEqual(
      rule('User bob does not belong to team owners'),
    );
  });
});

describe('an invitation', () => {
  it('waits for its answer, is accepted once, and makes a member', async () => {
    const path = await create('invited');
    const before = smtp.taken.length;
    const invited = await ada.put(`${path}/team/owners/members/bob`);
    expect(invited.both).toEqual([200, expect.objectContaining({ name: 'bob', invited: true })]);
    const mail = readMail((await smtp.deliveries(before + 1)).at(-1)?.source ?? '');
    expect(mail.subject).toMatch(/Invitation to join team$/);
    expect((await bob.get(`${path}/members`)).both).toEqual(forbidden);
    const { notifications } = (await bob.get('/api/v1/user/notifications')).json<{
      notifications: { kind: string; metadata: { code: string; org: string; team: string; inviter: string } }[];
    }>();
    const notice = notifications.find(({ metadata }) => metadata.org === 'invited');
    expect(notice).toMatchObject({ kind: 'org_team_invite', metadata: { team: 'owners', inviter: 'ada' } });
    const code = notice?.metadata.code ?? '';
    expect(
      mail.parts.some(
        ({ text }) => text.includes(`/confirminvite?code=${encodeURIComponent(code)}`) || text.includes(code),
      ),
    ).toBe(true);
    const others = await eve.put(`/api/v1/teaminvite/${code}`);
    expect(others.status).toBe(400);
    expect(others.json<{ message: string }>().message).toContain('This invite is intended for user "bob".');
    expect((await bob.put(`/api/v1/teaminvite/${code}`)).both).toEqual([200, { org: 'invited', team: 'owners' }]);
    expect((await bob.put(`/api/v1/teaminvite/${code}`)).both).toEqual(rule('Invalid confirmation code.'));
    expect((await bob.get(`${path}/members`)).status).toBe(200);
    expect((await bob.get('/api/v1/user/notifications')).text).not.toContain(code);
  });

  it('is declined by who does not want it', async () => {
    const path = await create('declined');
    await ada.put(`${path}/team/owners/members/eve`);
    const { notifications } = (await eve.get('/api/v1/user/notifications')).json<{
      notifications: { metadata: { code: string; org: string } }[];
    }>();
    const code = notifications.find(({ metadata }) => metadata.org === 'declined')?.metadata.code ?? '';
    expect((await eve.delete(`/api/v1/teaminvite/${code}`)).both).toEqual(done);
    expect((await eve.put(`/api/v1/teaminvite/${code}`)).both).toEqual(rule('Invalid confirmation code.'));
    const listed = (await ada.get(`${path}/team/owners/members?includePending=true`)).text;
    expect(listed).not.toContain('eve');
  });

  it('is not needed for who belongs to the organization already, nor for its robots', async () => {
    const path = await create('known');
    await join(`${path}/team/owners`, 'bob');
    await ada.put(`${path}/team/devs`, { role: 'member' });
    expect((await ada.put(`${path}/team/devs/members/bob`)).body).toMatchObject({ name: 'bob', invited: false });
    expect((await ada.put(`${path}/team/devs/members/bob`)).both).toEqual(
      rule('User bob is already a member of team devs'),
    );
    await ada.put(`${path}/robots/ci`);
    expect((await ada.put(`${path}/team/devs/members/known+ci`)).body).toMatchObject({
      is_robot: true,
      invited: false,
    });
  });
});

describe('the members of an organization', () => {
  it('are listed with teams and repositories; collaborators are those without a team', async () => {
    const path = await create('listing');
    await join(`${path}/team/owners`, 'bob');
    await ada.post('/api/v1/repository', {
      namespace: 'listing',
      repository: 'app',
      visibility: 'private',
      description: '',
    });
    await ada.put('/api/v1/repository/listing/app/permissions/user/eve', { role: 'read' });
    const { members } = (await ada.get(`${path}/members`)).json<{
      members: { name: string; teams: { name: string }[]; repositories: string[] }[];
    }>();
    expect(members.map(({ name, teams }) => [name, teams.map((team) => team.name)]).sort()).toEqual([
      ['ada', ['owners']],
      ['bob', ['owners']],
    ]);
    expect((await ada.get(`${path}/collaborators`)).body).toEqual({
      collaborators: [expect.objectContaining({ name: 'eve', kind: 'user', repositories: ['app'] })],
    });
    expect((await ada.get(`${path}/members/bob`)).body).toMatchObject({ name: 'bob', kind: 'user' });
    expect((await ada.get(`${path}/members/eve`)).both).toEqual(notFound);
    expect((await ada.delete(`${path}/members/eve`)).both).toEqual(done);
    expect((await ada.get(`${path}/collaborators`)).body).toEqual({ collaborators: [] });
  });
});

describe('default permissions', () => {
  it('are given with each new repository, the one for its creator before the general one', async () => {
    const path = await create('giving');
    await ada.put(`${path}/team/devs`, { role: 'creator' });
    await join(`${path}/team/devs`, 'bob');
    const give = (body: object) => ada.post(`${path}/prototypes`, body);
    await give({ role: 'read', delegate: { name: 'eve', kind: 'user' } });
    await give({ role: 'write', delegate: { name: 'eve', kind: 'user' }, activating_user: { name: 'bob' } });
    await give({ role: 'read', delegate: { name: 'owners', kind: 'team' } });
    await ada.post('/api/v1/repository', {
      namespace: 'giving',
      repository: 'by-ada',
      visibility: 'private',
      description: '',
    });
    await pushImage(community.pulling('bob', 'giving/by-bob'), 'latest');
    const users = async (name: string) =>
      (await ada.get(`/api/v1/repository/giving/${name}/permissions/user/`)).json<{
        permissions: Record<string, { role: string }>;
      }>().permissions;
    expect(await users('by-ada')).toMatchObject({ ada: { role: 'admin' }, eve: { role: 'read' } });
    expect(await users('by-bob')).toMatchObject({ bob: { role: 'admin' }, eve: { role: 'write' } });
    expect((await ada.get('/api/v1/repository/giving/by-bob/permissions/team/')).body).toMatchObject({
      permissions: { owners: { role: 'read' } },
    });
  });

  it('refuse whom nobody knows', async () => {
    const path = await create('refusing');
    const give = (body: object) => ada.post(`${path}/prototypes`, { role: 'read', ...body });
    expect((await give({ delegate: { name: 'nobody', kind: 'user' } })).both).toEqual(
      invalid('Missing delegate user or team'),
    );
    const activating = { delegate: { name: 'eve', kind: 'user' }, activating_user: { name: 'nobody' } };
    expect((await give(activating)).both).toEqual(invalid('Unknown activating user'));
    expect((await ada.put(`${path}/prototypes/00000000-0000-7000-8000-000000000000`, { role: 'read' })).both).toEqual(
      notFound,
    );
  });
});

it('what a team gave is gone the moment it is taken away: for issued tokens and sessions alike', async () => {
  const path = await create('taking');
  await ada.put(`${path}/team/devs`, { role: 'member' });
  await join(`${path}/team/devs`, 'bob');
  await pushImage(community.pulling('ada', 'taking/app'), 'latest');
  const permission = '/api/v1/repository/taking/app/permissions/team/devs';
  const pulling = community.pulling('bob', 'taking/app');
  const manifest = (token: string | null) => pulling.send('GET', 'manifests/latest', { token });
  const see = () => bob.get('/api/v1/repository/taking/app');

  for (const [give, take] of [
    [() => ada.put(permission, { role: 'read' }), () => ada.delete(permission)],
    [() => ada.put(`${path}/team/devs`, { role: 'admin' }), () => ada.put(`${path}/team/devs`, { role: 'member' })],
    [() => ada.put(permission, { role: 'read' }), () => ada.delete(`${path}/team/devs/members/bob`)],
  ] as const) {
    expect((await give()).status).toBe(200);
    const token = await pulling.token();
    expect([(await manifest(token)).status, (await see()).status]).toEqual([200, 200]);
    expect((await take()).status).toBeLessThan(300);
    expect([(await manifest(token)).status, (await see()).status]).toEqual([401, 403]);
  }
});
