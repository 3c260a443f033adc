import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamName, testEventId } from '../../test/support/testLog.js';
import { World } from '../../test/support/world.js';
import type { EventType } from '../domain/catalogue.js';
import { position } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import { LaneFeed } from './feed.js';
import { NotificationQueries } from './notificationQueries.js';
import { notifications } from './notifications.js';
import { laneSpec } from './projector.js';

describe('what waits for somebody’s attention', () => {
  let world: World;
  let feed: LaneFeed;
  let queries: NotificationQueries;
  let happened = 0;
  beforeEach(async () => {
    world = await World.open();
    const lane = await world.stores.documents.active(laneSpec(notifications));
    feed = await LaneFeed.open(notifications, lane);
    queries = new NotificationQueries(lane.collection('notifications'), lane.collection('dismissals'));
    happened = 0;
  });
  afterEach(() => world.close());

  const happens = async (stream: string, type: EventType, data: JsonObject): Promise<string> => {
    const id = testEventId(++happened);
    world.clock.pass(1);
    const streamId = stream.slice(stream.indexOf('-') + 1);
    const place = { revision: happened, position: position(happened), at: world.clock.now() };
    await feed.apply([{ id, type, data, stream: streamName(stream), streamId, ...place }]);
    return id;
  };
  const invited = (inviteId: string, invitee: JsonObject = { kind: 'user', id: 'ada' }) =>
    happens('organization-acme', 'MemberInvited', { inviteId, teamId: 'crew', invitee, inviter: 'bob' });
  const submitted = (kid: string) => happens('registry', 'ServiceKeyCreated', { kid });
  const kindsFor = async (...targets: readonly string[]): Promise<string[]> =>
    (await queries.of(targets, 'ada')).map(({ kind, dismissed }) => (dismissed ? `(${kind})` : kind));

  it('is an invitation to a team, until it is answered or taken back', async () => {
    for (const inviteId of ['accepted', 'declined', 'withdrawn', 'open']) await invited(inviteId);
    expect(await kindsFor('user:ada')).toHaveLength(4);
    await happens('organization-acme', 'MemberJoined', { teamId: 'crew', inviteId: 'accepted' });
    await happens('organization-acme', 'InviteDeclined', { inviteId: 'declined' });
    await happens('organization-acme', 'InviteWithdrawn', { inviteId: 'withdrawn' });
    const [left, ...others] = await queries.of(['user:ada'], 'ada');
    const about = { inviteId: 'open', namespaceId: 'acme', teamId: 'crew', inviter: 'bob' };
    expect(left).toMatchObject({ kind: 'org_team_invite', about, dismissed: false });
    expect(others).toEqual([]);
  });

  it('is nobody’s when the invitation went to an address', async () => {
    await invited('by mail', { kind: 'email', email: { subject: 's', box: 'b' }, emailHmac: 'h', codeHmac: 'c' });
    expect(await kindsFor('user:ada', 'user:h', 'superusers')).toEqual([]);
  });

  it('is an authorization that was assigned, until it is used or withdrawn', async () => {
    const assigned = { assignmentId: 'one', clientId: 'app', accountId: 'ada', redirectUri: '', scope: '' };
    await happens('organization-acme', 'AuthorizationAssigned', { ...assigned, responseType: 'token' });
    expect(await kindsFor('user:ada')).toEqual(['assigned_authorization']);
    await happens('organization-acme', 'AuthorizationAssignmentRemoved', { assignmentId: 'one' });
    expect(await kindsFor('user:ada')).toEqual([]);
  });

  it('is a key of a service that asks superusers to be let in', async () => {
    await submitted('approved');
    await submitted('gone');
    await submitted('open');
    expect(await kindsFor('user:ada')).toEqual([]);
    await happens('registry', 'ServiceKeyApproved', { kid: 'approved' });
    await happens('registry', 'ServiceKeyDeleted', { kid: 'gone', signerKid: null });
    expect(await kindsFor('user:ada', 'superusers')).toEqual(['service_key_submitted']);
  });

  it('is shown with the newest first', async () => {
    await invited('first');
    await submitted('second');
    await invited('third');
    expect(await kindsFor('user:ada', 'superusers')).toEqual([
      'org_team_invite',
      'service_key_submitted',
      'org_team_invite',
    ]);
  });

  it('is dismissed by each for himself, and may come back', async () => {
    const id = await submitted('key');
    const dismiss = (dismissed: boolean) =>
      happens('account-ada', 'NotificationDismissed', { notificationId: id, dismissed });
    await dismiss(true);
    expect(await kindsFor('superusers')).toEqual(['(service_key_submitted)']);
    expect((await queries.of(['superusers'], 'bob'))[0]).toMatchObject({ dismissed: false });
    expect(await queries.one(id, ['superusers'], 'ada')).toMatchObject({ dismissed: true });
    await dismiss(false);
    expect(await kindsFor('superusers')).toEqual(['service_key_submitted']);
  });

  it('is found by its id by those alone whom it is for', async () => {
    const id = await invited('one');
    expect(await queries.one(id, ['user:ada'], 'ada')).toMatchObject({ id });
    expect(await queries.one(id, ['user:bob', 'superusers'], 'bob')).toBeUndefined();
    expect(await queries.one('nothing', ['user:ada'], 'ada')).toBeUndefined();
  });
});
