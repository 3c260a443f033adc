import { describe, expect, it } from '@jest/globals';
import { answer, endpoint, type Method } from './endpoint.js';
import { Routes } from './routes.js';
import { anyone } from './rules.js';

const serving = (operation: string, path: string, method: Method = 'GET') =>
  endpoint({
    ...{ operation, method, path, module: 'test', summary: '', access: anyone },
    answers: { 204: null },
    handle: () => Promise.resolve(answer(204, null)),
  });

const routes = new Routes([
  serving('getRepo', '/api/v1/repository/{repository}'),
  serving('deleteRepo', '/api/v1/repository/{repository}', 'DELETE'),
  serving('tags', '/api/v1/repository/{repository}/tag/'),
  serving('labels', '/api/v1/repository/{repository}/manifest/{manifestref}/labels'),
  serving('member', '/api/v1/organization/{orgname}/members/{membername}'),
]);

const matched = (path: string) => {
  const found = routes.match(path);
  return found && [found.methods.get('GET')?.operation, found.path];
};

describe('a path', () => {
  it.each([
    ['/api/v1/repository/org/app', 'getRepo', { repository: 'org/app' }],
    ['/api/v1/repository/org/app/', 'getRepo', { repository: 'org/app' }],
    ['/api/v1/repository/org/team/app', 'getRepo', { repository: 'org/team/app' }],
    ['/api/v1/repository/org/team/app/tag/', 'tags', { repository: 'org/team/app' }],
    ['/api/v1/repository/org/app/tag', 'tags', { repository: 'org/app' }],
    [
      '/api/v1/repository/org/app/manifest/sha256:00/labels',
      'labels',
      { repository: 'org/app', manifestref: 'sha256:00' },
    ],
    ['/api/v1/organization/org/members/org+ci', 'member', { orgname: 'org', membername: 'org+ci' }],
  ])('%s is that of %s', (path, operation, values) => {
    expect(matched(path)).toEqual([operation, values]);
  });

  it.each([
    ['/api/v1/repository/org%2Fapp/tag/', 'tags', { repository: 'org/app' }],
    [
      '/api/v1/repository/org/app/manifest/sha256%3A00/labels',
      'labels',
      { repository: 'org/app', manifestref: 'sha256:00' },
    ],
    ['/api/v1/organization/org/members/org%2Bci', 'member', { orgname: 'org', membername: 'org+ci' }],
    ['/api/v1/organization/org/members/%E5%90%8D', 'member', { orgname: 'org', membername: '名' }],
  ])('may be encoded: %s', (path, operation, values) => {
    expect(matched(path)).toEqual([operation, values]);
  });

  it.each(['/api/v1/repository/app', '/api/v1/nothing', '/api/v1/organization/org/members/a%2Fb', '/api/v1', '/'])(
    'that nobody serves has no operation: %s',
    (path) => {
      expect(matched(path)).toBeUndefined();
    },
  );

  it('that is not well-formed stands for itself', () => {
    expect(matched('/api/v1/organization/org/members/%zz')).toEqual(['member', { orgname: 'org', membername: '%zz' }]);
  });

  it('knows each of its operations by the method', () => {
    expect([...(routes.match('/api/v1/repository/org/app')?.methods.keys() ?? [])]).toEqual(['GET', 'DELETE']);
  });
});

it('no operation can be declared twice', () => {
  expect(() => new Routes([serving('one', '/api/v1/one'), serving('two', '/api/v1/one')])).toThrow(/declared twice/);
});
