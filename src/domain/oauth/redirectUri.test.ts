import { describe, expect, it } from '@jest/globals';
import { isAllowedRedirect, withQuery } from './redirectUri.js';

const LOCAL = 'https://registry.test/oauth/localapp';

describe('an address to send users back to', () => {
  it.each([
    ['https://app.test/cb', 'https://app.test/cb'],
    ['https://app.test/cb', 'https://app.test/cb/deep'],
    ['https://app.test/cb', 'https://app.test/cb?session=7&next=%2Fhome'],
    ['https://app.test', 'https://app.test/anything'],
    ['https://app.test/', 'https://app.test'],
    ['https://app.test/cb', 'https://app.test:443/cb'],
    ['http://app.test:80/cb', 'http://app.test/cb'],
    ['https://App.Test/cb', 'HTTPS://app.test/cb'],
    ['https://app.test/a%20b', 'https://app.test/a%20b/c'],
    ['com.example.app://login/cb', 'com.example.app://login/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1:8080/cb'],
    ['http://[::1]:8080/cb', 'http://[::1]:8080/cb'],
  ])('below %j may be %j', (registered, uri) => {
    expect(isAllowedRedirect(uri, registered, LOCAL)).toBe(true);
  });

  it.each([
    ['another host', 'https://evil.test/cb'],
    ['another host that ends alike', 'https://app.test.evil.test/cb'],
    ['another host that begins alike', 'https://notapp.test/cb'],
    ['another port', 'https://app.test:8443/cb'],
    ['another scheme', 'http://app.test/cb'],
    ['no scheme', '//app.test/cb'],
    ['a path only', '/cb'],
    ['another path', 'https://app.test/other'],
    ['a name and password', 'https://app.test@evil.test/cb'],
    ['a name of the user', 'https://me@app.test/cb'],
    ['a name before an encoded host', 'https://app.test%40evil.test/cb'],
    ['an at sign in the path', 'https://app.test/cb/@evil.test'],
    ['a way up', 'https://app.test/cb/../admin'],
    ['two points anywhere', 'https://app.test/cb..'],
    ['an encoded way up', 'https://app.test/cb/%2e%2e/admin'],
    ['an encoded slash', 'https://app.test/cb%2F..%2Fadmin'],
    ['a backslash as a slash', 'https://app.test\\@evil.test/cb'],
    ['a backslash in the path', 'https://app.test/cb/\\evil.test'],
    ['slashes that browsers repair', 'https:/app.test/cb'],
    ['more slashes that browsers repair', 'https:///app.test/cb'],
    ['a line feed', 'https://app.test/cb\r\nSet-Cookie: a=b'],
    ['a tab that browsers remove', 'https://app.test/cb\t'],
    ['a space at the beginning', ' https://app.test/cb'],
    ['a letter that looks like another', 'https://аpp.test/cb'],
    ['a fragment', 'https://app.test/cb#access_token=x'],
    ['a script', 'javascript://app.test/cb%0aalert(1)'],
    ['a host that ends a header', 'https://app.test;default-src/cb'],
    ['a code of its own', 'https://app.test/cb?code=stolen'],
    ['a state of its own', 'https://app.test/cb?a=b&st%61te=other'],
    ['nothing', ''],
    ['the local page with more', `${LOCAL}/../../evil`],
    ['the local page with a query', `${LOCAL}?next=https://evil.test`],
  ])('cannot be one with %s', (_what, uri) => {
    expect(isAllowedRedirect(uri, 'https://app.test/cb', LOCAL)).toBe(false);
  });

  it.each(['', 'https://app.test/cb', 'not an address'])('is always our own page, with %j registered', (registered) => {
    expect(isAllowedRedirect(LOCAL, registered, LOCAL)).toBe(true);
  });

  it.each(['', 'app.test', 'javascript://app.test/', 'data://app.test/', 'https://', 'https://a;b'])(
    'is no other where %j is registered',
    (registered) => {
      for (const uri of [
        '',
        'https://app.test/cb',
        'javascript://app.test/',
        'data://app.test/',
        'https://',
        'https://a;b',
      ]) {
        expect(isAllowedRedirect(uri, registered, LOCAL)).toBe(false);
      }
    },
  );

  it('keeps its query and gets members more, which cannot break out', () => {
    expect(withQuery('https://app.test/cb', { scope: 'repo:read', state: null, none: undefined })).toBe(
      'https://app.test/cb?scope=repo%3Aread',
    );
    expect(withQuery('https://app.test/cb?a=b', { state: 'x&error=y#z\r\n' })).toBe(
      'https://app.test/cb?a=b&state=x%26error%3Dy%23z%0D%0A',
    );
    expect(withQuery('https://app.test/cb', {})).toBe('https://app.test/cb');
  });
});
