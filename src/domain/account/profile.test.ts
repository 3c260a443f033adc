import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { NAMESPACE } from '../../../test/support/repositoryEvents.js';
import { testEventId } from '../../../test/support/testLog.js';
import { accountAggregate, type Account } from './account.js';
import { AccountUnknown, EmailClaimLost } from './errors.js';
import type { AccountEvent } from './events.js';
import { decideChangeEmail, decideChangeProfile, decideRename, decideVerifyEmail } from './profile.js';

const given = specification(accountAggregate);
const id = testEventId(2);
const sealed = (box: string) => ({ subject: 'account:1', box });

const registered: AccountEvent = {
  id: testEventId(1),
  type: 'AccountRegistered',
  data: { name: 'ada', namespaceId: NAMESPACE, email: sealed('old'), emailHmac: 'old', verified: false },
};
const verified: AccountEvent = { type: 'EmailVerified', data: {} };
const emailChanged: AccountEvent = {
  id,
  type: 'EmailChanged',
  data: { email: sealed('new'), emailHmac: 'new' },
};
const lapsed: AccountEvent = { type: 'NameClaimLapsed', data: { name: 'new' } };

describe('a name', () => {
  const rename = (state: Account) => decideRename('lovelace', state);
  const renamed: AccountEvent = { type: 'AccountRenamed', data: { name: 'lovelace' } };

  it('changes once', () => {
    given(registered).when(rename).then(renamed);
    given(registered, renamed).when(rename).then();
    given().when(rename).thenRefused(AccountUnknown);
  });
});

describe('an e-mail address', () => {
  const change =
    (lapses = 0) =>
    (state: Account) =>
      decideChangeEmail({ id, email: sealed('new'), emailHmac: 'new', lapses }, state);

  it('is proven once', () => {
    given(registered).when(decideVerifyEmail).then(verified);
    given(registered, verified).when(decideVerifyEmail).then();
    given().when(decideVerifyEmail).thenRefused(AccountUnknown);
  });

  it('is proven when it changes', () => {
    given(registered).when(change()).then(emailChanged);
    given(registered, emailChanged).when(decideVerifyEmail).then();
  });

  it('may be given up', () => {
    const nothing = { id, email: null, emailHmac: null, lapses: 0 };
    given(registered)
      .when((state) => decideChangeEmail(nothing, state))
      .then({ id, type: 'EmailChanged', data: { email: null, emailHmac: null } });
  });

  it('is not taken up when its claim may be someone else’s by now', () => {
    given(registered, lapsed).when(change()).thenRefused(EmailClaimLost);
    given(registered, lapsed).when(change(1)).then(emailChanged);
  });
});

describe('a profile', () => {
  it('is told anew each time: what is sealed cannot be compared', () => {
    const told: AccountEvent = { id, type: 'ProfileChanged', data: { profile: sealed('profile') } };
    const tell = (state: Account) => decideChangeProfile({ id, profile: sealed('profile') }, state);
    given(registered, told).when(tell).then(told);
    given().when(tell).thenRefused(AccountUnknown);
  });
});
