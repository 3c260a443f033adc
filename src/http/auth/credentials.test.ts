import { describe, expect, it } from '@jest/globals';
import { accountDocument } from '../../../test/support/accountDocument.js';
import { Credentials } from './credentials.js';
import { LoginFailed, type Checker } from './login.js';

describe('the user name', () => {
  const named = (name: string): Checker => ({
    check: (username) => Promise.resolve({ credential: { kind: 'setup', id: `${name} ${username}` }, generation: 0 }),
  });
  const forgiven: string[] = [];
  const credentials = new Credentials({
    password: {
      check: (username) => Promise.reject(new LoginFailed(`password ${username}`)),
      owner: (username) => Promise.resolve(accountDocument(username)),
      forgive: (names) => {
        forgiven.push(...names);
        return Promise.resolve();
      },
    },
    robot: named('robot'),
    appToken: named('app token'),
    oauthToken: named('OAuth token'),
  });
  const checked = (username: string): Promise<string> =>
    credentials.login(username, 'secret').then(
      ({ credential }) => credential.id,
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );

  it.each([
    ['ada', 'password ada'],
    ['ada+lists@example.org', 'password ada+lists@example.org'],
    ['org+ci', 'robot org+ci'],
    ['+', 'robot +'],
    ['$app', 'app token $app'],
    ['$oauthtoken', 'OAuth token $oauthtoken'],
    ['$token', 'Invalid access token'],
    ['$other', 'password $other'],
  ])('%s decides what is checked', async (username, expected) => {
    expect(await checked(username)).toBe(expected);
  });

  it('of a person is taken as it is where only people can be meant', async () => {
    expect(await credentials.owner('org+ci', 'secret')).toMatchObject({ name: 'org+ci' });
    await credentials.forgive(['ada', 'ada@example.org']);
    expect(forgiven).toEqual(['ada', 'ada@example.org']);
  });

  it('is read from a Basic header, in which it ends at the first colon', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await credentials.fromBasic(basic('org+ci:to:ken'))).toMatchObject({ credential: { id: 'robot org+ci' } });
    await expect(credentials.fromBasic('Bearer x')).rejects.toThrow('Specified credentials are invalid');
    await expect(credentials.fromBasic(basic('nothing'))).rejects.toThrow('Specified credentials are invalid');
  });
});
