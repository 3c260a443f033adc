import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { RegistryProcess } from '../support/registry.js';

type Notification = { readonly id: string; readonly kind: string; readonly metadata: Record<string, unknown> };
type List = { readonly notifications: readonly Notification[]; readonly additional: boolean };

const LIST = '/api/v1/user/notifications';
let registry: RegistryProcess;
let ada: ApiClient;
let bob: ApiClient;
let boss: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start({ SUPER_USERS: 'boss' });
  for (const name of ['ada', 'bob', 'boss']) await registry.createUser(name);
  [ada, bob, boss] = [
    await ApiClient.signedIn(registry, 'ada'),
    await ApiClient.signedIn(registry, 'bob'),
    await ApiClient.signedIn(registry, 'boss'),
  ];
});
afterAll(() => registry.stop());

const listed = async (client: ApiClient, query = ''): Promise<List> =>
  (await client.get(`${LIST}${query}`)).json<List>();
const organizations = ({ notifications }: List): unknown[] => notifications.map(({ metadata }) => metadata['org']);

describe('a notification', () => {
  it('tells of an invitation to a team, until it is answered', async () => {
    expect((await bob.get(LIST)).both).toEqual([200, { notifications: [], additional: false }]);
    for (let number = 1; number <= 7; number++) {
      await ada.post('/api/v1/organization/', { name: `club${number}` });
      await ada.put(`/api/v1/organization/club${number}/team/owners/members/bob`);
    }
    const { notifications, additional } = await listed(bob);
    expect(additional).toBe(true);
    expect(notifications[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      kind: 'org_team_invite',
      organization: null,
      created: expect.stringMatching(/ -0000$/),
      metadata: { code: expect.any(String), inviter: 'ada', org: 'club7', team: 'owners' },
      dismissed: false,
    });
    expect(organizations({ notifications, additional })).toEqual(['club7', 'club6', 'club5', 'club4', 'club3']);
    await bob.put(`/api/v1/teaminvite/${String(notifications[0]?.metadata['code'])}`);
    expect(organizations(await listed(bob))).not.toContain('club7');
    expect((await bob.get(`${LIST}/${notifications[0]?.id ?? ''}`)).both).toMatchObject([404, { title: 'not_found' }]);
    expect(await listed(ada)).toEqual({ notifications: [], additional: false });
  });

  it('is shown by pages, each of which skips one as it has always done', async () => {
    expect(organizations(await listed(bob, '?page=1&limit=2'))).toEqual(['club6', 'club5']);
    expect(await listed(bob, '?page=2&limit=2')).toMatchObject({ additional: true });
    expect(organizations(await listed(bob, '?page=2&limit=2'))).toEqual(['club3', 'club2']);
    expect(await listed(bob, '?limit=6')).toMatchObject({ additional: false });
    expect((await bob.get(`${LIST}?limit=many`)).both).toEqual([
      400,
      { message: { limit: 'Limit on the number of results (int)' } },
    ]);
  });

  it('is dismissed, and may come back', async () => {
    const [first] = (await listed(bob)).notifications;
    const path = `${LIST}/${first?.id ?? ''}`;
    expect((await bob.put(path, { dismissed: true })).both).toMatchObject([200, { id: first?.id, dismissed: true }]);
    expect(organizations(await listed(bob))).not.toContain('club6');
    expect((await bob.get(path)).both).toMatchObject([200, { dismissed: true }]);
    expect((await bob.put(path, {})).both).toMatchObject([200, { dismissed: false }]);
    expect(organizations(await listed(bob))).toContain('club6');
  });

  it('is for those alone whom it is for', async () => {
    const [first] = (await listed(bob)).notifications;
    expect((await ada.get(`${LIST}/${first?.id ?? ''}`)).status).toBe(404);
    expect((await ada.put(`${LIST}/${first?.id ?? ''}`, { dismissed: true })).status).toBe(404);
    expect((await new ApiClient(registry).get(LIST)).status).toBe(401);
  });

  it('goes with the team that somebody was invited to', async () => {
    await ada.delete('/api/v1/organization/club6');
    expect(organizations(await listed(bob))).not.toContain('club6');
  });

  it('tells superusers of a key that asks to be let in', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwt = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'a-key' })
      .setIssuer('clair')
      .setAudience(registry.url)
      .setExpirationTime('5m')
      .sign(privateKey);
    const jwk = await exportJWK(publicKey);
    const submitted = await new ApiClient(registry, jwt).put('/keys/services/clair/keys/a-key', jwk);
    expect(submitted.status).toBe(202);
    expect(await listed(boss)).toMatchObject({
      notifications: [
        {
          kind: 'service_key_submitted',
          metadata: { kid: 'a-key', service: 'clair', jwk, created_date: expect.any(Number) },
        },
      ],
    });
    expect(await listed(ada)).toEqual({ notifications: [], additional: false });
    expect((await boss.post('/api/v1/superuser/approvedkeys/a-key', {})).status).toBe(201);
    expect(await listed(boss)).toEqual({ notifications: [], additional: false });
  });
});
