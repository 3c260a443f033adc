import { describe, it } from '@jest/globals';
import { specification } from '../../../../test/support/decider.js';
import {
  accountId,
  administrator,
  defaultRemoved,
  defaultSet,
  founded,
  invited,
  invitedByEmail,
  inviteId,
  joined,
  left,
  robot,
  superuser,
  teamCreated,
  teamDeleted,
  teamId,
  user,
  withdrawn,
} from '../../../../test/support/organizationEvents.js';
import { organizationAggregate, type Organization } from '../organization.js';
import { AdminNeeded, AlreadyMember, NotMember, TeamGone } from './errors.js';
import type { Member } from './events.js';
import { decideAddMember, decideForget, decideLeave, decideRemoveMember } from './members.js';

const given = specification(organizationAggregate);
const base = [...founded, teamCreated('devs')];

const add =
  (member: Member, { to = 'devs', byInvitation = false } = {}) =>
  (state: Organization) =>
    decideAddMember(
      {
        teamId: teamId(to),
        member,
        name: member.id,
        inviteId: inviteId('invite'),
        inviter: accountId('ada'),
        byInvitation,
      },
      state,
    );
const remove =
  (member: Member, { from = 'devs', caller = administrator('ada') } = {}) =>
  (state: Organization) =>
    decideRemoveMember({ teamId: teamId(from), member, name: member.id, caller }, state);

describe('adding somebody to a team', () => {
  it('makes him a member at once where nobody need agree', () => {
    given(...base)
      .when(add(user('bob')))
      .then(joined('devs', 'bob'));
  });

  it('invites him where he has to agree, once', () => {
    given(...base)
      .when(add(user('bob'), { byInvitation: true }))
      .then(invited('invite', 'devs', 'bob'));
    given(...base, invited('invite', 'devs', 'bob'))
      .when(add(user('bob'), { byInvitation: true }))
      .then();
    given(...base, teamCreated('ops'), invited('older', 'ops', 'bob'))
      .when(add(user('bob'), { byInvitation: true }))
      .then(invited('invite', 'devs', 'bob'));
  });

  it('asks neither robots nor who belongs to another of its teams', () => {
    given(...base)
      .when(add(robot('ci'), { byInvitation: true }))
      .then(joined('devs', robot('ci')));
    given(...base, teamCreated('ops'), joined('ops', 'bob'))
      .when(add(user('bob'), { byInvitation: true }))
      .then(joined('devs', 'bob'));
    given(...base, teamCreated('ops'), joined('ops', 'bob'), left('ops', 'bob'))
      .when(add(user('bob'), { byInvitation: true }))
      .then(invited('invite', 'devs', 'bob'));
  });

  it('ends the invite that waited for him', () => {
    given(...base, invited('older', 'devs', 'bob'))
      .when(add(user('bob')))
      .then(joined('devs', 'bob'), withdrawn('older'));
  });

  it('is refused where he is one of them', () => {
    given(...base, joined('devs', 'bob'))
      .when(add(user('bob')))
      .thenRefused(AlreadyMember, { member: 'bob', team: 'devs' });
  });

  it('needs a team', () => {
    given(...base, teamDeleted('devs'))
      .when(add(user('bob')))
      .thenRefused(TeamGone);
  });
});

describe('removing somebody from a team', () => {
  it('ends his membership', () => {
    given(...base, joined('devs', 'bob'), joined('devs', robot('bob')))
      .when(remove(user('bob')))
      .then(left('devs', 'bob'));
  });

  it('withdraws the invites that wait for him, and nothing else', () => {
    given(...base, invited('one', 'devs', 'bob'), invited('other', 'owners', 'bob'))
      .when(remove(user('bob')))
      .then(withdrawn('one'));
  });

  it('needs somebody who belongs to it', () => {
    given(...base)
      .when(remove(user('bob')))
      .thenRefused(NotMember, { member: 'bob', team: 'devs' });
    given(...base, teamDeleted('devs'))
      .when(remove(user('bob')))
      .thenRefused(TeamGone);
  });

  it('does not remove who asks from his only team of administrators', () => {
    given(...base)
      .when(remove(user('ada'), { from: 'owners' }))
      .thenRefused(AdminNeeded);
    given(...base, joined('devs', 'ada'))
      .when(remove(user('ada')))
      .then(left('devs', 'ada'));
    given(...base, teamCreated('board', 'admin'), joined('board', 'ada'))
      .when(remove(user('ada'), { from: 'owners' }))
      .then(left('owners', 'ada'));
  });

  it('keeps one of two administrators who remove each other', () => {
    given(...base, joined('owners', 'eve'))
      .when(remove(user('ada'), { from: 'owners', caller: administrator('eve') }))
      .then(left('owners', 'ada'));
    given(...base, joined('owners', 'eve'), left('owners', 'eve'))
      .when(remove(user('ada'), { from: 'owners', caller: administrator('eve') }))
      .thenRefused(AdminNeeded);
  });

  it('is for superusers, too', () => {
    given(...base)
      .when(remove(user('ada'), { from: 'owners', caller: superuser('root') }))
      .then(left('owners', 'ada'));
  });
});

describe('removing somebody from the organization', () => {
  const leave = (member: Member) => (state: Organization) => decideLeave(member, state);

  it('ends all of his memberships, if he has any', () => {
    given(...base, joined('devs', 'bob'), joined('owners', 'bob'))
      .when(leave(user('bob')))
      .then(left('owners', 'bob', 'organization'), left('devs', 'bob', 'organization'));
    given(...base)
      .when(leave(user('bob')))
      .then();
  });

  it('keeps its only administrator, whom robots do not replace', () => {
    given(...base)
      .when(leave(user('ada')))
      .thenRefused(AdminNeeded);
    given(...base, joined('owners', robot('ci')))
      .when(leave(user('ada')))
      .thenRefused(AdminNeeded);
    given(...base, teamCreated('board', 'admin'), joined('board', 'eve'))
      .when(leave(user('ada')))
      .then(left('owners', 'ada', 'organization'));
  });
});

describe('forgetting somebody who is no more', () => {
  it('ends all that names him, whatever it was', () => {
    given(
      ...base,
      joined('devs', 'bob'),
      invited('waiting', 'owners', 'bob'),
      invited('other', 'owners', 'eve'),
      invitedByEmail('mail', 'owners', 'bob'),
      defaultSet('his', { kind: 'team', id: 'devs' }, 'read', user('bob')),
      defaultSet('for-him', { kind: 'user', id: 'bob' }, 'read'),
      defaultSet('not-his', { kind: 'robot', id: 'bob' }, 'read'),
    )
      .when((state) => decideForget(user('bob'), state))
      .then(left('devs', 'bob', 'end'), withdrawn('waiting'), defaultRemoved('his'), defaultRemoved('for-him'));
  });

  it('also forgets the only administrator', () => {
    given(...founded)
      .when((state) => decideForget(user('ada'), state))
      .then(left('owners', 'ada', 'end'));
  });
});
