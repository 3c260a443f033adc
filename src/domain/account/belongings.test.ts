import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { NAMESPACE } from '../../../test/support/repositoryEvents.js';
import { testEventId } from '../../../test/support/testLog.js';
import type { RepositoryId } from '../shared/ids.js';
import { accountAggregate, type Account } from './account.js';
import { decideIssueAppToken, decideRevokeAppToken } from './appTokens.js';
import { decideDismiss, decideStar, TooManyStars } from './choices.js';
import { AccountUnknown, AppTokenUnknown } from './errors.js';
import type { AccountEvent } from './events.js';

const given = specification(accountAggregate);
const registered: AccountEvent = {
  type: 'AccountRegistered',
  data: { name: 'ada', namespaceId: NAMESPACE, email: null, emailHmac: null, verified: true },
};

describe('a token for an application', () => {
  const id = testEventId(1);
  const data = {
    ...{ tokenId: 'token', title: 'laptop', lookup: 'hmac', expires: null },
    token: { subject: 'account:1', box: 'token' },
  };
  const issued: AccountEvent = { id, type: 'AppTokenIssued', data };
  const revoked: AccountEvent = { type: 'AppTokenRevoked', data: { tokenId: 'token' } };
  const issue = (state: Account) => decideIssueAppToken({ id, ...data }, state);
  const revoke = (state: Account) => decideRevokeAppToken('token', state);

  it('is issued to somebody who exists', () => {
    given(registered).when(issue).then(issued);
    given().when(issue).thenRefused(AccountUnknown);
  });

  it('is revoked once, by its owner', () => {
    given(registered, issued).when(revoke).then(revoked);
    given(registered, issued, revoked).when(revoke).thenRefused(AppTokenUnknown);
    given(registered).when(revoke).thenRefused(AppTokenUnknown);
  });
});

describe('a star', () => {
  const repositoryId = 'repository' as RepositoryId;
  const starred: AccountEvent = { type: 'RepositoryStarred', data: { repositoryId } };
  const unstarred: AccountEvent = { type: 'RepositoryUnstarred', data: { repositoryId } };
  const set = (to: boolean) => (state: Account) => decideStar(repositoryId, to, state);

  it('is given once and taken once', () => {
    given(registered).when(set(true)).then(starred);
    given(registered, starred).when(set(true)).then();
    given(registered, starred).when(set(false)).then(unstarred);
    given(registered, starred, unstarred).when(set(false)).then();
    given().when(set(true)).thenRefused(AccountUnknown);
  });
});

it('stars are many, but not without end', () => {
  const stars = Array.from({ length: 10_000 }, (_, index): AccountEvent => ({
    type: 'RepositoryStarred',
    data: { repositoryId: `repository ${index}` as RepositoryId },
  }));
  const star = (repository: string, starred: boolean) => (state: Account) =>
    decideStar(repository as RepositoryId, starred, state);
  given(registered, ...stars)
    .when(star('one more', true))
    .thenRefused(TooManyStars);
  given(registered, ...stars)
    .when(star('repository 7', true))
    .then();
  const unstarred: AccountEvent = {
    type: 'RepositoryUnstarred',
    data: { repositoryId: 'repository 7' as RepositoryId },
  };
  given(registered, ...stars)
    .when(star('repository 7', false))
    .then(unstarred);
});

describe('a notification', () => {
  const dismissed = (to: boolean): AccountEvent => ({
    type: 'NotificationDismissed',
    data: { notificationId: 'one', dismissed: to },
  });
  const set = (to: boolean) => (state: Account) => decideDismiss('one', to, state);

  it('is dismissed once, and may come back', () => {
    given(registered).when(set(true)).then(dismissed(true));
    given(registered, dismissed(true)).when(set(true)).then();
    given(registered, dismissed(true)).when(set(false)).then(dismissed(false));
    given(registered).when(set(false)).then();
    given().when(set(true)).thenRefused(AccountUnknown);
  });
});
