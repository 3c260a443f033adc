import { describe, expect, it } from '@jest/globals';
import { at, LONG_AGO, specification } from '../../../../test/support/decider.js';
import {
  accountId,
  declined,
  founded,
  invited,
  invitedByEmail,
  inviteId,
  joined,
  teamCreated,
  teamDeleted,
  teamId,
  withdrawn,
} from '../../../../test/support/organizationEvents.js';
import { testEventId } from '../../../../test/support/testLog.js';
import { organizationAggregate, type Organization } from '../organization.js';
import { TeamGone } from '../team/errors.js';
import {
  decideAccept,
  decideDecline,
  decideInviteByEmail,
  decideWithdrawEmail,
  InviteForSomebodyElse,
  InviteUnknown,
} from './invites.js';

const given = specification(organizationAggregate);
const base = [...founded, teamCreated('devs'), teamCreated('ops')];

describe('inviting an address', () => {
  const email = { subject: 'namespace:1', box: 'bob@' };
  const invite = (state: Organization) =>
    decideInviteByEmail(
      {
        inviteId: inviteId('invite'),
        teamId: teamId('devs'),
        email,
        emailHmac: 'bob@',
        codeHmac: 'code of invite',
        inviter: accountId('ada'),
        eventId: testEventId(1),
      },
      state,
    );

  it('is a further invite each time', () => {
    given(...base)
      .when(invite)
      .then({ ...invitedByEmail('invite', 'devs', 'bob@'), id: testEventId(1) });
    given(...base, invitedByEmail('older', 'devs', 'bob@'))
      .when(invite)
      .then({ ...invitedByEmail('invite', 'devs', 'bob@'), id: testEventId(1) });
  });

  it('needs a team', () => {
    given(...base, teamDeleted('devs'))
      .when(invite)
      .thenRefused(TeamGone);
  });
});

describe('withdrawing the invite of an address', () => {
  const withdraw = (state: Organization) => decideWithdrawEmail({ teamId: teamId('devs'), emailHmac: 'bob@' }, state);

  it('ends all that wait for it in that team', () => {
    given(
      ...base,
      invitedByEmail('one', 'devs', 'bob@'),
      invitedByEmail('two', 'devs', 'bob@'),
      invitedByEmail('elsewhere', 'ops', 'bob@'),
    )
      .when(withdraw)
      .then(withdrawn('one'), withdrawn('two'));
  });

  it('needs one', () => {
    given(...base, invitedByEmail('one', 'ops', 'bob@'))
      .when(withdraw)
      .thenRefused(InviteUnknown);
    given(...base, teamDeleted('devs'))
      .when(withdraw)
      .thenRefused(TeamGone);
  });
});

describe('accepting an invite', () => {
  const accept =
    (invite: string, emailHmac: string | null = null) =>
    (state: Organization) =>
      decideAccept(
        { inviteId: inviteId(invite), accountId: accountId('bob'), emailHmac, intendedFor: 'user "eve"' },
        state,
      );

  it('joins the team', () => {
    given(...base, invited('one', 'devs', 'bob'))
      .when(accept('one'))
      .then(joined('devs', 'bob', 'one'));
  });

  it('joins all teams that he was invited to, by name and by the address that he has proven', () => {
    given(
      ...base,
      invitedByEmail('mail', 'ops', 'bob@'),
      invited('one', 'devs', 'bob'),
      invitedByEmail('again', 'devs', 'bob@'),
      invited('not-his', 'owners', 'eve'),
    )
      .when(accept('mail', 'bob@'))
      .then(joined('devs', 'bob', 'one'), joined('ops', 'bob', 'mail'), withdrawn('again'));
  });

  it('leaves invites of an address alone that he has not proven', () => {
    given(...base, invitedByEmail('mail', 'ops', 'bob@'), invited('one', 'devs', 'bob'))
      .when(accept('one'))
      .then(joined('devs', 'bob', 'one'));
    given(...base, invitedByEmail('mail', 'ops', 'bob@'))
      .when(accept('mail'))
      .thenRefused(InviteForSomebodyElse);
  });

  it('only ends the invite to a team that he belongs to', () => {
    given(...base, invitedByEmail('mail', 'devs', 'bob@'), joined('devs', 'bob'))
      .when(accept('mail', 'bob@'))
      .then(withdrawn('mail'));
  });

  it('is for whom it was meant, and says for whom', () => {
    const state = [...base, invited('one', 'devs', 'eve')].reduce(
      (before, event) => organizationAggregate.evolve(before, at(LONG_AGO, event)),
      organizationAggregate.initial(),
    );
    expect(() => accept('one')(state)).toThrow(
      'This invite is intended for user "eve".\n                 Please login to that account and try again.',
    );
  });

  it.each([
    ['was withdrawn', [invited('one', 'devs', 'bob'), withdrawn('one')]],
    ['was declined', [invited('one', 'devs', 'bob'), declined('one')]],
    ['was accepted', [invited('one', 'devs', 'bob'), joined('devs', 'bob', 'one')]],
    ['is of a team that is gone', [invited('one', 'devs', 'bob'), teamDeleted('devs')]],
    ['was never made', []],
  ])('is too late where it %s', (_, events) => {
    given(...base, ...events)
      .when(accept('one'))
      .thenRefused(InviteUnknown);
  });
});

describe('declining an invite', () => {
  const decline = (state: Organization) =>
    decideDecline({ inviteId: inviteId('one'), accountId: accountId('bob') }, state);

  it('ends it', () => {
    given(...base, invited('one', 'devs', 'bob'))
      .when(decline)
      .then(declined('one'));
  });

  it('is for whom it was meant by name', () => {
    given(...base, invited('one', 'devs', 'eve'))
      .when(decline)
      .thenRefused(InviteUnknown);
    given(...base, invitedByEmail('one', 'devs', 'bob'))
      .when(decline)
      .thenRefused(InviteUnknown);
    given(...base)
      .when(decline)
      .thenRefused(InviteUnknown);
  });
});
