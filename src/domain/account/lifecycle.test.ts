import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../test/support/decider.js';
import { NAMESPACE } from '../../../test/support/repositoryEvents.js';
import { testEventId } from '../../../test/support/testLog.js';
import { accountAggregate, type Account } from './account.js';
import { AccountExists, AccountUnknown, SoleAdministrator } from './errors.js';
import type { AccountEvent } from './events.js';
import {
  decideChangePassword,
  decideConvert,
  decideDelete,
  decideEndSessions,
  decideGenerateClientKey,
  decideRegister,
  decideSetDisabled,
  decideSignIn,
  type RegisterAccount,
} from './lifecycle.js';

const given = specification(accountAggregate);
const sealed = (box: string) => ({ subject: 'account:1', box });
const ids = { registered: testEventId(1), password: testEventId(2) };

const command: RegisterAccount = {
  name: 'ada',
  namespaceId: NAMESPACE,
  email: sealed('email'),
  emailHmac: 'hmac',
  verified: true,
  superuser: false,
  passwordHash: null,
  ids,
};
const register =
  (changes: Partial<RegisterAccount> = {}) =>
  (state: Account) =>
    decideRegister({ ...command, ...changes }, state);

const registered: AccountEvent = {
  id: ids.registered,
  type: 'AccountRegistered',
  data: { name: 'ada', namespaceId: NAMESPACE, email: sealed('email'), emailHmac: 'hmac', verified: true },
};
const passwordChanged = (generation: number, id = ids.password): AccountEvent => ({
  id,
  type: 'PasswordChanged',
  data: { passwordHash: sealed('hash'), generation },
});
const disabled: AccountEvent = { type: 'AccountDisabled', data: {} };
const enabled: AccountEvent = { type: 'AccountEnabled', data: {} };
const deleted: AccountEvent = { type: 'AccountDeleted', data: {} };
const superuserGranted: AccountEvent = { type: 'SuperuserGranted', data: {} };
const superuserRevoked: AccountEvent = { type: 'SuperuserRevoked', data: {} };

const after = (...events: readonly AccountEvent[]): Account =>
  events.reduce<Account>(
    (state, event) => accountAggregate.evolve(state, { ...event, at: LONG_AGO }),
    accountAggregate.initial(),
  );

describe('registering an account', () => {
  it('binds what is sealed to the ids of its events', () => {
    given()
      .when(register({ passwordHash: sealed('hash') }))
      .then(registered, passwordChanged(1));
  });

  it('may do without a password and an e-mail', () => {
    given()
      .when(register({ email: null, emailHmac: null }))
      .then({ ...registered, data: { ...registered.data, email: null, emailHmac: null } });
  });

  it('may make a superuser', () => {
    given()
      .when(register({ superuser: true }))
      .then(registered, superuserGranted);
  });

  it.each<[string, AccountEvent[]]>([
    ['is there', [registered]],
    ['was deleted', [registered, deleted]],
    ['was given up by somebody who met its name', [{ type: 'CreationAbandoned', data: {} }]],
  ])('is refused where one %s', (_, events) => {
    given(...events)
      .when(register())
      .thenRefused(AccountExists);
  });
});

describe('changing a password', () => {
  const change = (state: Account) => decideChangePassword({ id: testEventId(3), passwordHash: sealed('hash') }, state);

  it('is a new generation each time', () => {
    given(registered)
      .when(change)
      .then(passwordChanged(1, testEventId(3)));
    given(registered, passwordChanged(1), passwordChanged(2))
      .when(change)
      .then(passwordChanged(3, testEventId(3)));
  });

  it('needs an account', () => {
    given().when(change).thenRefused(AccountUnknown);
    given(registered, deleted).when(change).thenRefused(AccountUnknown);
  });
});

describe('disabling an account', () => {
  it('happens once, and is undone once', () => {
    const setDisabled = (to: boolean) => (state: Account) => decideSetDisabled(to, state);
    given(registered).when(setDisabled(true)).then(disabled);
    given(registered, disabled).when(setDisabled(true)).then();
    given(registered, disabled).when(setDisabled(false)).then(enabled);
    given(registered).when(setDisabled(false)).then();
    given().when(setDisabled(true)).thenRefused(AccountUnknown);
  });
});

describe('sessions of an account', () => {
  const ended = (generation: number): AccountEvent => ({ type: 'SessionsEnded', data: { generation } });

  it('begin with a sign-in, which is recorded each time', () => {
    given(registered, { type: 'SignedIn', data: {} }).when(decideSignIn).then({ type: 'SignedIn', data: {} });
    given().when(decideSignIn).thenRefused(AccountUnknown);
  });

  it('end all at once, as often as somebody signs out', () => {
    given(registered).when(decideEndSessions).then(ended(1));
    given(registered, ended(1), passwordChanged(1)).when(decideEndSessions).then(ended(2));
    given(registered, deleted).when(decideEndSessions).thenRefused(AccountUnknown);
  });
});

describe('deleting an account', () => {
  const remove =
    (...orphans: readonly string[]) =>
    (state: Account) =>
      decideDelete(orphans, state);

  it('leaves no organization without an administrator', () => {
    given(registered)
      .when(remove('navy', 'army'))
      .thenRefused(SoleAdministrator, { organizations: ['navy', 'army'] });
    expect(new SoleAdministrator('ada', ['navy', 'army']).message).toBe(
      'Cannot delete ada as you are the only admin for organizations: navy, army',
    );
  });

  it('happens once', () => {
    given(registered).when(remove()).then(deleted);
    given(registered, deleted).when(remove()).thenRefused(AccountUnknown);
  });
});

describe('converting an account', () => {
  const converted: AccountEvent = { type: 'AccountConverted', data: {} };

  it('happens once, however often it is gone on with', () => {
    given(registered).when(decideConvert).then(converted);
    given(registered, converted).when(decideConvert).then();
    given(registered, deleted).when(decideConvert).thenRefused(AccountUnknown);
  });

  it('ends it: nobody signs in as it any more', () => {
    given(registered, converted).when(decideSignIn).thenRefused(AccountUnknown);
  });
});

describe('a client key', () => {
  it('is told each time', () => {
    const generated: AccountEvent = { type: 'ClientKeyGenerated', data: {} };
    given(registered, generated).when(decideGenerateClientKey).then(generated);
    given().when(decideGenerateClientKey).thenRefused(AccountUnknown);
  });
});

describe('the state of an account', () => {
  it('is what its events made of it', () => {
    expect(after(registered, passwordChanged(1), superuserGranted, disabled)).toEqual({
      kind: 'active',
      name: 'ada',
      namespaceId: NAMESPACE,
      disabled: true,
      superuser: true,
      passwordGeneration: 1,
      sessionsEnded: 0,
      lapses: 0,
      emailHmac: 'hmac',
      verified: true,
      appTokens: new Set(),
      stars: new Set(),
      dismissed: new Set(),
    });
    expect(after(registered, superuserGranted, superuserRevoked, disabled, enabled)).toMatchObject({
      superuser: false,
      disabled: false,
    });
  });

  it('is gone with its deletion, and never was after an abandoned creation', () => {
    expect(after(registered, deleted, disabled)).toEqual({ kind: 'deleted' });
    expect(after({ type: 'CreationAbandoned', data: {} }, disabled)).toEqual({ kind: 'abandoned' });
  });
});
