import { describe, it } from '@jest/globals';
import { specification } from '../../../../test/support/decider.js';
import {
  accountId,
  administrator,
  descriptionSet,
  founded,
  joined,
  roleSet,
  superuser,
  teamCreated,
  teamDeleted,
  teamId,
} from '../../../../test/support/organizationEvents.js';
import { parseTeamName } from '../../shared/namespaceName.js';
import type { OrganizationEvent } from '../events.js';
import { organizationAggregate, type Organization } from '../organization.js';
import { AdminNeeded, OrganizationFounded, TeamUnknown } from './errors.js';
import { decideDeleteTeam, decideFound, decideSetTeam, decideTakeOver, type SetTeam } from './teams.js';

const given = specification(organizationAggregate);

const set =
  (name: string, changes: Partial<SetTeam> = {}) =>
  (state: Organization) =>
    decideSetTeam(
      {
        teamId: teamId(name),
        name: parseTeamName(name),
        role: 'member',
        description: undefined,
        organization: 'acme',
        caller: administrator('ada'),
        ...changes,
      },
      state,
    );
const remove =
  (name: string, caller = administrator('ada')) =>
  (state: Organization) =>
    decideDeleteTeam({ name, organization: 'acme', caller }, state);

describe('founding an organization', () => {
  const found = (state: Organization) => decideFound({ teamId: teamId('owners'), owner: accountId('ada') }, state);

  it('makes the team of its owners, with the founder in it', () => {
    given()
      .when(found)
      .then(...founded);
  });

  it('happens once', () => {
    given(...founded)
      .when(found)
      .thenRefused(OrganizationFounded);
  });
});

describe('setting a team', () => {
  it('creates it where there is none of the name', () => {
    given(...founded)
      .when(set('devs', { role: 'creator', description: 'They build' }))
      .then(teamCreated('devs', 'creator', 'They build'));
    given(...founded)
      .when(set('devs'))
      .then(teamCreated('devs'));
    given(...founded, teamCreated('devs'), teamDeleted('devs'))
      .when(set('devs'))
      .then(teamCreated('devs'));
  });

  it('changes what is another value, and nothing else', () => {
    given(...founded, teamCreated('devs', 'member', 'They build'))
      .when(set('devs', { role: 'creator', description: 'They ship' }))
      .then(descriptionSet('devs', 'They ship'), roleSet('devs', 'creator'));
    given(...founded, teamCreated('devs', 'member', 'They build'))
      .when(set('devs'))
      .then();
    given(...founded, teamCreated('devs', 'member', 'They build'))
      .when(set('devs', { description: '' }))
      .then(descriptionSet('devs', ''));
  });

  it('does not take the right to administer from who asks for it', () => {
    given(...founded)
      .when(set('owners', { role: 'creator' }))
      .thenRefused(AdminNeeded);
    given(...founded, teamCreated('boards', 'admin'))
      .when(set('owners', { role: 'creator' }))
      .thenRefused(AdminNeeded);
    given(...founded, teamCreated('board', 'admin'), joined('board', 'ada'))
      .when(set('owners', { role: 'creator' }))
      .then(roleSet('owners', 'creator'));
    given(...founded, teamCreated('board', 'admin'))
      .when(set('board', { role: 'creator' }))
      .then(roleSet('board', 'creator'));
  });

  it('is not for who lost that right a moment ago', () => {
    given(...founded)
      .when(set('owners', { caller: administrator('eve') }))
      .thenRefused(AdminNeeded);
  });

  it('is for superusers, but they too keep what they have as members', () => {
    given(...founded)
      .when(set('owners', { caller: superuser('root') }))
      .then(roleSet('owners', 'member'));
    given(...founded)
      .when(set('owners', { caller: superuser('ada') }))
      .thenRefused(AdminNeeded);
  });
});

describe('deleting a team', () => {
  it('needs a team of the name', () => {
    given(...founded)
      .when(remove('devs'))
      .thenRefused(TeamUnknown, { team: 'devs', organization: 'acme' });
    given(...founded, teamCreated('devs'))
      .when(remove('devs'))
      .then(teamDeleted('devs'));
  });

  it('does not take the right to administer from who asks for it', () => {
    given(...founded)
      .when(remove('owners'))
      .thenRefused(AdminNeeded);
    given(...founded, teamCreated('board', 'admin'), joined('board', 'ada'))
      .when(remove('owners'))
      .then(teamDeleted('owners'));
    given(...founded, teamCreated('board', 'admin'), joined('board', 'ada'), teamDeleted('owners'))
      .when(remove('board'))
      .thenRefused(AdminNeeded);
  });

  it('is for superusers, too', () => {
    given(...founded)
      .when(remove('owners', superuser('root')))
      .then(teamDeleted('owners'));
  });
});

describe('taking an organization over', () => {
  const takeOver = (state: Organization) =>
    decideTakeOver({ teamId: teamId('new'), accountId: accountId('root') }, state);

  it('makes somebody an administrator, once', () => {
    given(...founded)
      .when(takeOver)
      .then(joined('owners', 'root'));
    given(...founded, joined('owners', 'root'))
      .when(takeOver)
      .then();
    given(...founded, teamCreated('devs'), joined('devs', 'root'))
      .when(takeOver)
      .then(joined('owners', 'root'));
  });

  it('makes a team of administrators where there is none', () => {
    const owners = (name: string): OrganizationEvent => ({
      type: 'TeamCreated',
      data: { teamId: teamId('new'), name, role: 'admin', description: '' },
    });
    given(...founded, teamDeleted('owners'))
      .when(takeOver)
      .then(owners('owners'), joined('new', 'root'));
    given(...founded, roleSet('owners', 'member'))
      .when(takeOver)
      .then(owners('owners-new'), joined('new', 'root'));
  });
});
