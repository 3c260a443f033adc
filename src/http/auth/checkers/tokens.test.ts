import { describe, expect, it } from '@jest/globals';
import { accountDocument } from '../../../../test/support/accountDocument.js';
import { TestClock } from '../../../../test/support/world.js';
import { plusSeconds } from '../../../domain/shared/time.js';
import type { AppTokenDocument } from '../../../projections/accountDocuments.js';
import type { ApplicationTokenDocument } from '../../../projections/applications.js';
import { LoginFailed } from '../login.js';
import { AppTokenChecker } from './appToken.js';
import { OAuthTokenChecker } from './oauthToken.js';

const clock = new TestClock();
const past = plusSeconds(clock.now(), -1);
const future = plusSeconds(clock.now(), 1);
const accountsOf = (disabled: boolean) => ({
  byId: (id: string) => Promise.resolve(accountDocument(id, { disabled })),
});

describe('app-specific tokens', () => {
  const SECRET = `${'L'.repeat(60)}${'S'.repeat(60)}`;
  const token: AppTokenDocument = {
    ...{ id: 'token-1', accountId: 'ada', title: 'laptop', tokenEvent: 'event', expires: null },
    ...{ lookup: 'HMAC', created: clock.now() },
    token: { subject: 'account:ada', box: SECRET },
  };
  const check = (secret: string, changes: Partial<AppTokenDocument> = {}, { disabled = false, enabled = true } = {}) =>
    new AppTokenChecker({
      accounts: {
        ...accountsOf(disabled),
        appTokenByLookup: (lookup) =>
          Promise.resolve(lookup === `app-token of ${'L'.repeat(60)}` ? { ...token, ...changes } : undefined),
      },
      sealing: {
        lookup: (purpose, value) => Promise.resolve(`${purpose} of ${value}`),
        open: ({ box }, binding) => Promise.resolve(binding === 'event/token' ? box : null),
      },
      ...{ clock, enabled },
    }).check('$app', secret);

  it('are a credential of their own', async () => {
    const login = { credential: { kind: 'app-token', id: 'token-1' }, generation: 1 };
    expect(await check(SECRET)).toEqual(login);
    expect(await check(SECRET, { expires: future })).toEqual(login);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['that nobody has', () => check('unknown')],
    ['of which only the first half is right', () => check(`${SECRET.slice(0, 119)}X`)],
    ['that ran out', () => check(SECRET, { expires: past })],
    ['whose owner was erased', () => check(SECRET, { tokenEvent: 'erased' })],
    ['where the feature is off', () => check(SECRET, {}, { enabled: false })],
  ])('let nobody in with one %s', async (_, login) => {
    await expect(login()).rejects.toThrow(new LoginFailed('Invalid token'));
  });

  it('rest with their owner', async () => {
    const message = 'This user has been disabled. Please contact your administrator.';
    await expect(check(SECRET, {}, { disabled: true })).rejects.toThrow(new LoginFailed(message));
  });
});

describe('OAuth access tokens', () => {
  const token = { id: 'token-1', accountId: 'ada', expires: future } as ApplicationTokenDocument;
  const check = (secret: string, changes: Partial<ApplicationTokenDocument> = {}, disabled = false) =>
    new OAuthTokenChecker({
      applications: {
        tokenByLookup: (lookup) =>
          Promise.resolve(lookup === 'oauth-token of right' ? { ...token, ...changes } : undefined),
      },
      accounts: accountsOf(disabled),
      sealing: { lookup: (purpose, value) => Promise.resolve(`${purpose} of ${value}`) },
      clock,
    }).check('$oauthtoken', secret);

  it('are a credential of their own', async () => {
    expect(await check('right')).toEqual({ credential: { kind: 'oauth-token', id: 'token-1' }, generation: 1 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['OAuth access token could not be validated', () => check('wrong')],
    ['OAuth access token has expired', () => check('right', { expires: past })],
    ['Granter of the oauth access token is disabled', () => check('right', {}, true)],
  ])('are refused: %s', async (message, login) => {
    await expect(login()).rejects.toThrow(new LoginFailed(message));
  });

  it('of somebody who is gone are refused', async () => {
    const gone = new OAuthTokenChecker({
      applications: { tokenByLookup: () => Promise.resolve(token) },
      accounts: { byId: () => Promise.resolve(undefined) },
      sealing: { lookup: () => Promise.resolve('') },
      clock,
    });
    await expect(gone.check('$oauthtoken', 'right')).rejects.toThrow('OAuth access token could not be validated');
  });
});
