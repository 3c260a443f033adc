import { describe, expect, it } from '@jest/globals';
import { covers, impliedBy, parseScopes, reachOf, scopeInfo, ScopeInvalid, SCOPES, scopeText } from './scopes.js';

describe('a scope string', () => {
  it.each([
    ['repo:read', ['repo:read']],
    ['repo:read repo:write', ['repo:read', 'repo:write']],
    ['repo:read,repo:write', ['repo:read', 'repo:write']],
    [' repo:read,  user:read ', ['repo:read', 'user:read']],
    ['org:admin repo:read org:admin', ['org:admin', 'repo:read']],
  ])('%j names its scopes once, in its order', (text, scopes) => {
    expect(parseScopes(text)).toEqual(scopes);
    expect(scopeText(parseScopes(text))).toBe(scopes.join(' '));
  });

  it.each(['', ' ', ',', 'repo:nuke', 'repo:read repo:nuke', 'REPO:READ', 'repo:read\trepo:write', '__proto__'])(
    '%j is refused as a whole',
    (text) => {
      expect(() => parseScopes(text)).toThrow(ScopeInvalid);
      expect(() => parseScopes(text)).toThrow(`Invalid scope: ${text}`);
    },
  );
});

it('a scope string that says the same thing over and over is refused', () => {
  expect(() => parseScopes('repo:read '.repeat(26))).toThrow(ScopeInvalid);
  expect(parseScopes(SCOPES.join(' '))).toEqual(SCOPES);
});

describe('scopes', () => {
  it('imply those below them, within repositories only', () => {
    expect([...impliedBy(['repo:admin'])].sort()).toEqual(['repo:admin', 'repo:read', 'repo:write']);
    expect([...impliedBy(['repo:write'])].sort()).toEqual(['repo:read', 'repo:write']);
    expect([...impliedBy(['user:admin', 'org:admin', 'super:user'])]).toEqual([
      'user:admin',
      'org:admin',
      'super:user',
    ]);
  });

  it('cover what they imply, and no more', () => {
    expect(covers(['repo:admin'], ['repo:read', 'repo:write'])).toBe(true);
    expect(covers(['repo:write', 'user:read'], ['user:read', 'repo:read'])).toBe(true);
    expect(covers(['repo:write'], ['repo:admin'])).toBe(false);
    expect(covers(['org:admin'], ['repo:create'])).toBe(false);
    expect(covers(SCOPES, SCOPES)).toBe(true);
  });

  it('are each described', () => {
    for (const scope of SCOPES) expect(scopeInfo(scope)).toMatchObject({ scope, icon: expect.stringMatching(/^fa-/) });
    expect(SCOPES.filter((scope) => scopeInfo(scope).dangerous)).toEqual(['user:admin', 'org:admin', 'super:user']);
  });
});

describe('the reach of scopes', () => {
  const none = { repository: undefined, organization: undefined, user: undefined, superuser: false };

  it.each([
    [['repo:read'], { ...none, repository: 'read' }],
    [['repo:write', 'repo:read'], { ...none, repository: 'write' }],
    [['repo:read', 'repo:admin'], { ...none, repository: 'admin' }],
    [['repo:create'], { ...none, organization: 'creator' }],
    [['repo:create', 'org:admin'], { ...none, organization: 'admin' }],
    [['user:read'], { ...none, user: 'read' }],
    [['user:read', 'user:admin'], { ...none, user: 'admin' }],
    [['super:user'], { ...none, superuser: true }],
  ] as const)('%j: the best of each axis, and nothing on the others', (scopes, reach) => {
    expect(reachOf(scopes)).toEqual(reach);
  });
});
