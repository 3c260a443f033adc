import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { administrator } from '../../test/support/organizationEvents.js';
import { context, World } from '../../test/support/world.js';
import { InviteForSomebodyElse, InviteUnknown } from '../domain/organization/invite/invites.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { AlreadyMember, NotMember, TeamGone } from '../domain/organization/team/errors.js';
import { teamNamed, type Team } from '../domain/organization/team/state.js';
import { decideFound } from '../domain/organization/team/teams.js';
import type { AccountId, InviteId, NamespaceId, TeamId } from '../domain/shared/ids.js';
import { isJsonObject } from '../domain/shared/json.js';
import { parseTeamName } from '../domain/shared/namespaceName.js';
import { isSealed } from '../../test/support/sealed.js';
import { organizationStream } from './streamNames.js';
import type { Streams } from './streams.js';
import { inviteCodeLookup, TeamCommands, type Named, type TeamAddress } from './teams.js';

const ada = 'ada' as AccountId;
const bob: Named = { member: { kind: 'user', id: 'bob' }, name: 'bob' };

describe('teams', () => {
  let world: World;
  let streams: Streams;
  let namespaceId = '' as NamespaceId;
  let devs: TeamAddress;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    namespaceId = `acme${++tests}` as NamespaceId;
    await streams.decide(organizationAggregate, organizationStream(namespaceId), context(), (state) =>
      decideFound({ teamId: `owners${tests}` as TeamId, owner: ada }, state),
    );
    await set();
    devs = { namespaceId, teamId: (await team('devs')).id };
  });

  const commands = () => new TeamCommands({ streams, sealing: world.sealing, ids: world.ids });
  const caller = administrator('ada');
  const set = (role: 'member' | 'creator' = 'member') => {
    const command = { name: parseTeamName('devs'), role, description: undefined, organization: 'acme', caller };
    return commands().set(namespaceId, command, context());
  };
  const team = async (name: string): Promise<Team> => {
    const { teams } = await streams.load(organizationAggregate, organizationStream(namespaceId));
    const found = teamNamed(teams, name);
    if (!found) throw new Error('the team is not there');
    return found;
  };
  const members = async () => [...(await team('devs')).members];
  const add = (who: Named, byInvitation: boolean) =>
    commands().addMember(devs, who, { inviter: ada, byInvitation }, context());
  const answer = (emailHmac: string | null = null, accountId = 'bob') => ({
    accountId: accountId as AccountId,
    emailHmac,
    intendedFor: 'somebody else',
  });

  it('tell whether they are new', async () => {
    expect(await set('creator')).toEqual({ created: false });
    await commands().delete(namespaceId, { name: 'devs', organization: 'acme', caller }, context());
    expect(await set()).toEqual({ created: true });
  });

  it('take who need not be asked', async () => {
    expect(await add(bob, false)).toBeNull();
    expect(await members()).toEqual(['user:bob']);
    await expect(add(bob, false)).rejects.toThrow(AlreadyMember);
    await commands().removeMember(devs, bob, caller, context());
    expect(await members()).toEqual([]);
    await expect(commands().removeMember(devs, bob, caller, context())).rejects.toThrow(NotMember);
  });

  it('take who was asked and agrees', async () => {
    const inviteId = await add(bob, true);
    expect(inviteId).not.toBeNull();
    if (inviteId === null) return;
    expect(await add(bob, true)).toBe(inviteId);
    expect(await members()).toEqual([]);
    await expect(commands().accept(namespaceId, { inviteId, ...answer(null, 'eve') }, context())).rejects.toThrow(
      InviteForSomebodyElse,
    );
    await commands().accept(namespaceId, { inviteId, ...answer() }, context());
    expect(await members()).toEqual(['user:bob']);
    await expect(commands().accept(namespaceId, { inviteId, ...answer() }, context())).rejects.toThrow(InviteUnknown);
  });

  it('do not take who was asked and declines, or whose invite was withdrawn', async () => {
    const one = await add(bob, true);
    if (one === null) throw new Error('he was not asked');
    await commands().decline(namespaceId, { inviteId: one, accountId: 'bob' as AccountId }, context());
    await expect(commands().accept(namespaceId, { inviteId: one, ...answer() }, context())).rejects.toThrow(
      InviteUnknown,
    );
    const other = await add(bob, true);
    if (other === null) throw new Error('he was not asked');
    await commands().removeMember(devs, bob, caller, context());
    await expect(commands().accept(namespaceId, { inviteId: other, ...answer() }, context())).rejects.toThrow(
      InviteUnknown,
    );
  });

  it('take whoever proves the address that was invited, which nobody else can read', async () => {
    const code = await commands().inviteEmail(devs, 'Bob@Example.org', ada, context());
    const event = await world.stores.events.readLast(organizationStream(namespaceId));
    expect(JSON.stringify(event)).not.toMatch(/example/i);
    expect(JSON.stringify(event)).not.toContain(code);
    const { inviteId } = (event?.data ?? {}) as { readonly inviteId: InviteId };
    const invitee = event?.data['invitee'];
    const email = isJsonObject(invitee) ? invitee['email'] : undefined;
    expect(isJsonObject(invitee) && invitee['codeHmac']).toBe(await inviteCodeLookup(world.sealing, code));
    if (!isSealed(email)) throw new Error('the address is not sealed');
    expect(email.subject).toBe(`namespace:${namespaceId}`);
    expect(await world.sealing.open(email, `${event?.id ?? ''}/email`)).toBe('Bob@Example.org');
    await expect(commands().accept(namespaceId, { inviteId, ...answer() }, context())).rejects.toThrow(
      InviteForSomebodyElse,
    );
    const hmac = await world.sealing.lookup('email', 'bob@example.org');
    await commands().accept(namespaceId, { inviteId, ...answer(hmac) }, context());
    expect(await members()).toEqual(['user:bob']);
  });

  it('withdraw what they sent to an address, however it is written', async () => {
    await commands().inviteEmail(devs, 'bob@example.org', ada, context());
    await commands().withdrawEmail(devs, 'BOB@example.org', context());
    await expect(commands().withdrawEmail(devs, 'bob@example.org', context())).rejects.toThrow(InviteUnknown);
  });

  it('are not changed when they are gone', async () => {
    await commands().delete(namespaceId, { name: 'devs', organization: 'acme', caller }, context());
    await expect(add(bob, false)).rejects.toThrow(TeamGone);
    await expect(commands().inviteEmail(devs, 'bob@example.org', ada, context())).rejects.toThrow(TeamGone);
  });
});
