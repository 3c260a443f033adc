import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../../test/support/decider.js';
import type { AccountId, EventId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';
import { plusSeconds } from '../../shared/time.js';
import type { OrganizationEvent } from '../events.js';
import { organizationAggregate } from '../organization.js';
import {
  BOOTSTRAP_APPLICATION,
  decideAssignAuthorization,
  decideChangeApplication,
  decideIssueToken,
  decideRegisterApplication,
  decideRemoveApplication,
  decideRemoveAssignment,
  decideResetSecret,
  decideRevokeToken,
  type IssueToken,
} from './decide.js';
import {
  ApplicationNameReserved,
  ApplicationTokenUnknown,
  ApplicationUnknown,
  AssignmentUnknown,
  TokenLimitReached,
  TooManyAssignments,
} from './errors.js';

const given = specification(organizationAggregate);
const id = 'event' as EventId;
const [ada, bob] = ['ada' as AccountId, 'bob' as AccountId];
const secret: Sealed = { subject: 'namespace:org', box: 'c2VjcmV0' };
const DAY = 86_400;

const facts = (clientId: string, name = 'automation') => ({
  ...{ clientId, name, description: '', applicationUri: '', redirectUri: '', avatarEmail: null },
});
const registered = (clientId: string): OrganizationEvent => ({
  type: 'ApplicationRegistered',
  data: { ...facts(clientId), secret },
});
const removed = (clientId: string): OrganizationEvent => ({ type: 'ApplicationRemoved', data: { clientId } });

const issue = (changes: Partial<IssueToken> = {}): IssueToken => ({
  ...{ tokenId: 'token', clientId: 'A', accountId: ada, scope: 'repo:read', name: 'nightly', lookup: 'hmac' },
  ...{ lifetimeSeconds: DAY, issuedBy: ada, assignmentId: null, maximumTokens: null },
  ...changes,
});
const issued = (tokenId: string, clientId = 'A', days = 1): OrganizationEvent => ({
  type: 'ApplicationTokenIssued',
  data: {
    ...{ tokenId, clientId, accountId: ada, scope: 'repo:read', name: 'nightly', lookup: 'hmac', issuedBy: ada },
    expires: plusSeconds(LONG_AGO, days * DAY),
  },
});
const revoked = (tokenId: string): OrganizationEvent => ({
  type: 'ApplicationTokenRevoked',
  data: { tokenId, from: 'application' },
});

const assignment = { assignmentId: 'assignment', clientId: 'A', accountId: bob, scope: 'repo:write user:read' };
const assigned: OrganizationEvent = {
  type: 'AuthorizationAssigned',
  data: { ...assignment, redirectUri: 'https://registry.test/oauth/localapp', responseType: 'token' },
};
const unassigned: OrganizationEvent = {
  type: 'AuthorizationAssignmentRemoved',
  data: { assignmentId: 'assignment' },
};

describe('an application', () => {
  const register = (name: string, provisioning = false) =>
    decideRegisterApplication({ ...facts('A', name), id, secret, provisioning });

  it('is registered, whatever others are called', () => {
    given(registered('B'))
      .when(() => register('automation'))
      .then({ ...registered('A'), id });
  });

  it('does not get the name of the bootstrap application, unless the registry itself makes it', () => {
    given()
      .when(() => register(BOOTSTRAP_APPLICATION))
      .thenRefused(ApplicationNameReserved);
    given(registered('A'))
      .when(({ applications }) => decideChangeApplication({ ...facts('A', BOOTSTRAP_APPLICATION), id }, applications))
      .thenRefused(ApplicationNameReserved);
    expect(register(BOOTSTRAP_APPLICATION, true)).toHaveLength(1);
  });

  it('is changed, gets another secret and is removed', () => {
    const happened = given(registered('A'));
    happened
      .when(({ applications }) => decideChangeApplication({ ...facts('A', 'other'), id }, applications))
      .then({ id, type: 'ApplicationChanged', data: facts('A', 'other') });
    happened
      .when(({ applications }) => decideResetSecret({ id, clientId: 'A', secret }, applications))
      .then({ id, type: 'ApplicationSecretReset', data: { clientId: 'A', secret } });
    happened.when(({ applications }) => decideRemoveApplication('A', applications)).then(removed('A'));
  });

  it.each([
    ['that nobody registered', [registered('B')]],
    ['that was removed', [registered('A'), removed('A')]],
  ])('%s can do nothing', (_what, events) => {
    const happened = given(...events);
    for (const decide of [
      decideChangeApplication.bind(null, { ...facts('A'), id }),
      decideResetSecret.bind(null, { id, clientId: 'A', secret }),
      decideRemoveApplication.bind(null, 'A'),
      decideAssignAuthorization.bind(null, { ...assignment, redirectUri: '', responseType: 'token' }),
    ]) {
      happened.when(({ applications }) => decide(applications)).thenRefused(ApplicationUnknown);
    }
    happened
      .when(({ applications }) => decideIssueToken(issue(), applications, LONG_AGO))
      .thenRefused(ApplicationUnknown);
  });
});

describe('a token', () => {
  const decide = (changes: Partial<IssueToken> = {}) => {
    return ({ applications }: ReturnType<typeof organizationAggregate.initial>) =>
      decideIssueToken(issue(changes), applications, LONG_AGO);
  };

  it('is issued for as long as it was asked for', () => {
    given(registered('A')).when(decide()).then(issued('token'));
  });

  it('is one too many where the limit counts those that live', () => {
    const happened = [registered('A'), issued('one'), issued('two')];
    given(...happened)
      .when(decide({ maximumTokens: 2 }))
      .thenRefused(TokenLimitReached, { maximum: 2 });
    given(...happened)
      .when(decide({ maximumTokens: 3 }))
      .then(issued('token'));
  });

  it.each([
    ['were revoked', [registered('A'), issued('one'), revoked('one')]],
    ['ran out', [registered('A'), issued('one', 'A', 0)]],
    ['belong to another application', [registered('A'), registered('B'), issued('one', 'B')]],
  ])('is not kept back by those that %s', (_what, events) => {
    given(...events)
      .when(decide({ maximumTokens: 1 }))
      .then(issued('token'));
  });

  it('is revoked once', () => {
    given(registered('A'), issued('token'))
      .when(({ applications }) => decideRevokeToken({ tokenId: 'token', from: 'application' }, applications))
      .then(revoked('token'));
    given(registered('A'), issued('token'), revoked('token'))
      .when(({ applications }) => decideRevokeToken({ tokenId: 'token', from: 'application' }, applications))
      .thenRefused(ApplicationTokenUnknown);
  });

  it('ends with its application', () => {
    given(registered('A'), issued('token'), removed('A'))
      .when(({ applications }) => decideRevokeToken({ tokenId: 'token', from: 'application' }, applications))
      .thenRefused(ApplicationTokenUnknown);
  });
});

describe('an assigned authorization', () => {
  it('is one of a few that wait for somebody in an organization', () => {
    const others = Array.from({ length: 20 }, (_, index): OrganizationEvent => ({
      type: 'AuthorizationAssigned',
      data: { ...assignment, assignmentId: `other ${index}`, redirectUri: '', responseType: 'token' },
    }));
    const assign = (accountId: AccountId) =>
      decideAssignAuthorization.bind(null, { ...assignment, accountId, redirectUri: '', responseType: 'token' });
    given(registered('A'), ...others)
      .when(({ applications }) => assign(bob)(applications))
      .thenRefused(TooManyAssignments);
    given(registered('A'), ...others)
      .when(({ applications }) => assign(ada)(applications))
      .then({ ...assigned, data: { ...assignment, accountId: ada, redirectUri: '', responseType: 'token' } });
  });

  const asBob = (changes: Partial<IssueToken> = {}) => {
    return ({ applications }: ReturnType<typeof organizationAggregate.initial>) =>
      decideIssueToken(
        issue({ accountId: bob, issuedBy: bob, assignmentId: 'assignment', ...changes }),
        applications,
        LONG_AGO,
      );
  };

  it('is used up by the token that it allows', () => {
    given(registered('A'), assigned)
      .when(asBob({ scope: 'repo:read user:read' }))
      .then(
        {
          type: 'ApplicationTokenIssued',
          data: {
            ...{ tokenId: 'token', clientId: 'A', accountId: bob, scope: 'repo:read user:read', name: 'nightly' },
            ...{ lookup: 'hmac', issuedBy: bob, expires: plusSeconds(LONG_AGO, DAY) },
          },
        },
        unassigned,
      );
  });

  it.each<[string, OrganizationEvent[], Partial<IssueToken>]>([
    ['a second time', [assigned, unassigned], {}],
    ['by somebody else', [assigned], { accountId: ada }],
    ['for another application', [assigned, registered('B')], { clientId: 'B' }],
    ['for more than it names', [assigned], { scope: 'repo:write org:admin' }],
    ['when its application was removed meanwhile', [assigned, removed('A'), registered('A')], {}],
  ])('cannot be used %s', (_what, events, changes) => {
    given(registered('A'), ...events)
      .when(asBob(changes))
      .thenRefused(AssignmentUnknown);
  });

  it('is withdrawn once', () => {
    given(registered('A'), assigned)
      .when(({ applications }) => decideRemoveAssignment('assignment', applications))
      .then(unassigned);
    given(registered('A'), assigned, unassigned)
      .when(({ applications }) => decideRemoveAssignment('assignment', applications))
      .thenRefused(AssignmentUnknown);
  });
});
