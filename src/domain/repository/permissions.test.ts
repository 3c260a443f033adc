import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { NAMESPACE, repositoryCreated, repositoryDeleted } from '../../../test/support/repositoryEvents.js';
import { RepositoryUnknown } from './errors.js';
import type { Grantee, RepositoryEvent, Role } from './events.js';
import { repositoryAggregate } from './evolve.js';
import {
  decideGrantPermission,
  decideRevokePermission,
  OwnerIsAdmin,
  PermissionUnknown,
  RobotElsewhere,
  type KnownGrantee,
} from './permissions.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const place = { namespace: 'ada', owner: 'account-ada' };
const owner = { kind: 'user', id: 'account-ada' } as const;
const bob = { kind: 'user', id: 'account-bob' } as const;
const team = { kind: 'team', id: 'team-1' } as const;
const robot = { kind: 'robot', id: 'robot-1', name: 'ada+ci', namespaceId: NAMESPACE } as const;

const granted = (grantee: Grantee, role: Role = 'read'): RepositoryEvent => ({
  type: 'PermissionGranted',
  data: { grantee: { kind: grantee.kind, id: grantee.id }, role },
});
const revoked = ({ kind, id }: Grantee): RepositoryEvent => ({
  type: 'PermissionRevoked',
  data: { grantee: { kind, id } },
});
const grant =
  (grantee: KnownGrantee, role: Role = 'read') =>
  (state: Repository) =>
    decideGrantPermission({ grantee, role, place }, state);
const revoke = (grantee: Grantee) => (state: Repository) => decideRevokePermission({ grantee, place }, state);

describe('granting a permission', () => {
  it.each<KnownGrantee>([bob, team, robot])('is one event for a $kind, which names it by id', (grantee) => {
    given(repositoryCreated()).when(grant(grantee)).then(granted(grantee));
  });

  it('changes the role, once', () => {
    given(repositoryCreated(), granted(bob)).when(grant(bob, 'write')).then(granted(bob, 'write'));
    given(repositoryCreated(), granted(bob)).when(grant(bob)).then();
  });

  it('is refused for the owner of the namespace', () => {
    given(repositoryCreated()).when(grant(owner)).thenRefused(OwnerIsAdmin);
  });

  it('is refused for a robot of another namespace, by the names that people know', () => {
    given(repositoryCreated())
      .when(grant({ ...robot, name: 'bob+ci', namespaceId: 'elsewhere' }))
      .thenRefused(RobotElsewhere, { robot: 'bob+ci', namespace: 'ada' });
  });

  it('needs a repository', () => {
    given(repositoryCreated(), repositoryDeleted()).when(grant(bob)).thenRefused(RepositoryUnknown);
  });
});

describe('revoking a permission', () => {
  it('happens once', () => {
    given(repositoryCreated(), granted(bob)).when(revoke(bob)).then(revoked(bob));
    given(repositoryCreated(), granted(bob), revoked(bob)).when(revoke(bob)).thenRefused(PermissionUnknown);
  });

  it('of somebody who has none is refused', () => {
    given(repositoryCreated(), granted(bob)).when(revoke(team)).thenRefused(PermissionUnknown);
  });

  it('is refused for the owner of the namespace, who has one as its creator', () => {
    given(repositoryCreated(), granted(owner, 'admin')).when(revoke(owner)).thenRefused(OwnerIsAdmin);
  });

  it('needs a repository', () => {
    given().when(revoke(bob)).thenRefused(RepositoryUnknown);
  });
});
