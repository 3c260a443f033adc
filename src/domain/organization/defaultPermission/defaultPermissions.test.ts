import { describe, expect, it } from '@jest/globals';
import { specification } from '../../../../test/support/decider.js';
import {
  defaultRemoved,
  defaultRoleSet,
  defaultSet,
  founded,
  permissionId,
  robot,
  teamCreated,
  teamDeleted,
  user,
} from '../../../../test/support/organizationEvents.js';
import type { Grantee, Role } from '../../repository/events.js';
import { organizationAggregate, type Organization } from '../organization.js';
import { TeamGone } from '../team/errors.js';
import type { Member } from '../team/events.js';
import {
  decideRemoveDefaultPermission,
  decideSetDefaultPermission,
  decideSetDefaultRole,
  DefaultPermissionUnknown,
  grantsFor,
} from './defaultPermissions.js';
import type { DefaultPermission } from './state.js';

const given = specification(organizationAggregate);
const devs: Grantee = { kind: 'team', id: 'devs' };
const bob: Grantee = { kind: 'user', id: 'bob' };
const base = [...founded, teamCreated('devs')];

describe('a default permission', () => {
  const set =
    (delegate: Grantee, activatingUser: Member | null = null) =>
    (state: Organization) =>
      decideSetDefaultPermission({ id: permissionId('one'), role: 'read', activatingUser, delegate }, state);

  it('names who gets it, and perhaps whose repositories it is for', () => {
    given(...base)
      .when(set(devs))
      .then(defaultSet('one', devs, 'read'));
    given(...base)
      .when(set(bob, robot('ci')))
      .then(defaultSet('one', bob, 'read', robot('ci')));
  });

  it('needs a team that is there', () => {
    given(...base, teamDeleted('devs'))
      .when(set(devs))
      .thenRefused(TeamGone);
  });

  it('gets another role', () => {
    const change = (role: Role) => (state: Organization) =>
      decideSetDefaultRole({ permissionId: permissionId('one'), role }, state);
    given(...base, defaultSet('one', bob, 'read'))
      .when(change('admin'))
      .then(defaultRoleSet('one', 'admin'));
    given(...base, defaultSet('one', bob, 'read'))
      .when(change('read'))
      .then();
    given(...base)
      .when(change('read'))
      .thenRefused(DefaultPermissionUnknown);
  });

  it('is removed, and goes with its team', () => {
    const remove = (state: Organization) => decideRemoveDefaultPermission(permissionId('one'), state);
    given(...base, defaultSet('one', bob, 'read'), teamDeleted('devs'))
      .when(remove)
      .then(defaultRemoved('one'));
    given(...base, defaultSet('one', bob, 'read'), defaultRemoved('one'))
      .when(remove)
      .thenRefused(DefaultPermissionUnknown);
    given(...base, defaultSet('one', devs, 'read'), teamDeleted('devs'))
      .when(remove)
      .thenRefused(DefaultPermissionUnknown);
  });
});

describe('what a new repository grants', () => {
  let rules = 0;
  const rule = (delegate: Grantee, role: Role, activatingUser: Member | null = null): DefaultPermission => ({
    id: permissionId(`rule-${++rules}`),
    role,
    activatingUser,
    delegate,
  });
  const ada = user('ada');

  it('is what general rules and those for its creator say', () => {
    expect(grantsFor([rule(devs, 'read'), rule(bob, 'write', ada), rule(bob, 'admin', user('eve'))], ada)).toEqual([
      { grantee: devs, role: 'read' },
      { grantee: bob, role: 'write' },
    ]);
  });

  it('is by the general rules alone where nobody is known to have created it', () => {
    expect(grantsFor([rule(devs, 'read'), rule(bob, 'write', ada)], null)).toEqual([{ grantee: devs, role: 'read' }]);
  });

  it.each([
    ['before', (general: DefaultPermission, own: DefaultPermission) => [general, own]],
    ['after', (general: DefaultPermission, own: DefaultPermission) => [own, general]],
  ])('follows the rule for its creator, where a general one for the same delegate was made %s', (_, order) => {
    const both = order(rule(devs, 'admin'), rule(devs, 'read', ada));
    expect(grantsFor(both, ada)).toEqual([{ grantee: devs, role: 'read' }]);
    expect(grantsFor(both, user('eve'))).toEqual([{ grantee: devs, role: 'admin' }]);
  });

  it('follows the oldest of several general rules, and the newest of several for its creator', () => {
    expect(grantsFor([rule(bob, 'read'), rule(bob, 'admin')], ada)).toEqual([{ grantee: bob, role: 'read' }]);
    expect(grantsFor([rule(bob, 'read', ada), rule(bob, 'admin', ada)], ada)).toEqual([
      { grantee: bob, role: 'admin' },
    ]);
  });

  it('tells a user from a robot of the same id', () => {
    expect(grantsFor([rule(bob, 'read', robot('ada'))], ada)).toEqual([]);
  });
});
