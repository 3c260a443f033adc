import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import {
  NAMESPACE,
  repositoryCreated,
  repositoryDeleted,
  stateChanged,
} from '../../../test/support/repositoryEvents.js';
import { DescriptionTooLong, RepositoryExists, RepositoryUnknown } from './errors.js';
import type { Grantee, RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import {
  decideCreateRepository,
  decideDeleteRepository,
  decideGrant,
  decideRevoke,
  decideSetDescription,
  decideSetState,
  decideSetVisibility,
  type Grant,
} from './settings.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const somebody: Grantee = { kind: 'user', id: '1' };
const granted = (role: 'read' | 'write' | 'admin', grantee = somebody): RepositoryEvent => ({
  type: 'PermissionGranted',
  data: { grantee, role },
});
const revoked: RepositoryEvent = { type: 'PermissionRevoked', data: { grantee: somebody } };
const visibilityChanged: RepositoryEvent = { type: 'VisibilityChanged', data: { visibility: 'public' } };

describe('creating a repository', () => {
  const settings = { namespaceId: NAMESPACE, name: 'app', visibility: 'private', description: '' } as const;
  const create =
    (creator: Grantee | null, grants: readonly Grant[] = []) =>
    (state: Repository) =>
      decideCreateRepository({ ...settings, creator, grants }, state);

  it('gives its creator the admin role', () => {
    given().when(create(somebody)).then(repositoryCreated(), granted('admin'));
  });

  it('gives what the default permissions of its namespace say, but never less to its creator', () => {
    const team: Grantee = { kind: 'team', id: '2' };
    given()
      .when(
        create(somebody, [
          { grantee: team, role: 'write' },
          { grantee: somebody, role: 'read' },
        ]),
      )
      .then(repositoryCreated(), granted('write', team), granted('admin'));
  });

  it('refuses a description that would make an event large', () => {
    given()
      .when((state) => decideCreateRepository({ ...settings, description: '\n'.repeat(25_000), creator: null }, state))
      .thenRefused(DescriptionTooLong);
  });

  it('does without a creator', () => {
    given().when(create(null)).then(repositoryCreated());
  });

  it.each<[string, RepositoryEvent[]]>([
    ['is there', [repositoryCreated()]],
    ['was deleted', [repositoryCreated(), repositoryDeleted()]],
    ['was given up by somebody who met its name', [{ type: 'CreationAbandoned', data: {} }]],
  ])('is refused where one %s', (_, events) => {
    given(...events)
      .when(create(null))
      .thenRefused(RepositoryExists);
  });
});

describe('settings of a repository', () => {
  it('change once', () => {
    given(repositoryCreated())
      .when((state) => decideSetVisibility('public', state))
      .then(visibilityChanged);
    given(repositoryCreated(), visibilityChanged)
      .when((state) => decideSetVisibility('public', state))
      .then();
    given(repositoryCreated())
      .when((state) => decideSetState('READ_ONLY', state))
      .then(stateChanged('READ_ONLY'));
    given(repositoryCreated())
      .when((state) => decideSetState('NORMAL', state))
      .then();
  });

  it('can leave any state', () => {
    given(repositoryCreated(), stateChanged('READ_ONLY'))
      .when((state) => decideSetState('NORMAL', state))
      .then(stateChanged('NORMAL'));
    given(repositoryCreated(), stateChanged('READ_ONLY'))
      .when((state) => decideSetVisibility('public', state))
      .then(visibilityChanged);
  });
});

describe('permissions of a repository', () => {
  it('are granted once, and changed to another role', () => {
    given(repositoryCreated())
      .when((state) => decideGrant(somebody, 'read', state))
      .then(granted('read'));
    given(repositoryCreated(), granted('read'))
      .when((state) => decideGrant(somebody, 'read', state))
      .then();
    given(repositoryCreated(), granted('read'))
      .when((state) => decideGrant(somebody, 'admin', state))
      .then(granted('admin'));
  });

  it('are revoked once', () => {
    given(repositoryCreated(), granted('read'))
      .when((state) => decideRevoke(somebody, state))
      .then(revoked);
    given(repositoryCreated(), granted('read'), revoked)
      .when((state) => decideRevoke(somebody, state))
      .then();
  });

  it('are those of one kind of grantee: a robot of the same id has its own', () => {
    given(repositoryCreated(), granted('read', { kind: 'robot', id: '1' }))
      .when((state) => decideRevoke(somebody, state))
      .then();
  });
});

describe('deleting a repository', () => {
  it('happens once', () => {
    given(repositoryCreated()).when(decideDeleteRepository).then(repositoryDeleted());
    given(repositoryCreated(), repositoryDeleted()).when(decideDeleteRepository).thenRefused(RepositoryUnknown);
  });

  it('is possible in any state', () => {
    given(repositoryCreated(), stateChanged('READ_ONLY')).when(decideDeleteRepository).then(repositoryDeleted());
  });
});

describe('a repository that is not there', () => {
  it.each<[string, (state: Repository) => RepositoryEvent[]]>([
    ['visibility', (state) => decideSetVisibility('public', state)],
    ['state', (state) => decideSetState('NORMAL', state)],
    ['permission to grant', (state) => decideGrant(somebody, 'read', state)],
    ['permission to revoke', (state) => decideRevoke(somebody, state)],
    ['end', decideDeleteRepository],
  ])('has no %s', (_, decide) => {
    given().when(decide).thenRefused(RepositoryUnknown);
  });
});

describe('describing a repository', () => {
  const describeAs = (description: string) => (state: Repository) => decideSetDescription(description, state);
  const set = (description: string): RepositoryEvent => ({ type: 'DescriptionSet', data: { description } });

  it('is possible in every state of it', () => {
    given(repositoryCreated(), stateChanged('READ_ONLY'))
      .when(describeAs('What it is for'))
      .then(set('What it is for'));
  });

  it('tells nothing where nothing changes', () => {
    given(repositoryCreated()).when(describeAs('')).then();
    given(repositoryCreated(), set('old')).when(describeAs('old')).then();
  });

  it('is refused where it would make an event large, and where nothing is there', () => {
    given(repositoryCreated())
      .when(describeAs('x'.repeat(50_000)))
      .thenRefused(DescriptionTooLong);
    given(repositoryCreated(), repositoryDeleted()).when(describeAs('')).thenRefused(RepositoryUnknown);
  });
});
