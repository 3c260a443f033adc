import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Subject } from '../domain/access.js';
import { FULL_REACH } from '../domain/reach.js';
import type { Role } from '../domain/repository/events.js';
import { Directory } from './directory.js';
import type { NamespaceDocument } from './namespaces.js';
import type { RepositoryDocument } from './repositories.js';

const NAMESPACE: NamespaceDocument = {
  ...{ id: 'library', name: 'library', owner: 'owner', timeMachineSeconds: 0, disabled: false },
  kind: 'user',
  ...{ contactEmail: null, contactEmailHmac: null, contactEmailEvent: null },
  ...{ invoiceEmail: false, invoiceEmailAddress: null, invoiceEmailAddressEvent: null },
};
const REPOSITORY: RepositoryDocument = {
  ...{ id: 'repository', namespaceId: 'library', name: 'busybox', description: null },
  visibility: 'public',
  state: 'NORMAL',
};
const person = (id: string): Subject => ({
  caller: {
    ...{ kind: 'user', id, name: id, namespaceId: id },
    ...{ superuser: false, readOnlySuperuser: false, restricted: false },
  },
  reach: FULL_REACH,
});

describe('a directory that keeps no answers', () => {
  const asked: string[] = [];
  let [namespaces, repositories] = [new Map<string, NamespaceDocument>(), new Map<string, RepositoryDocument>()];
  let roles: Role[] = [];
  let directory: Directory;

  const put = (id: string, name: string, namespaceId = 'library'): void => {
    repositories.set(id, { ...REPOSITORY, id, name, namespaceId });
  };
  const asking = <Result>(what: string, result: Result | undefined): Promise<Result | undefined> => {
    asked.push(what);
    return Promise.resolve(result);
  };
  const found = async (namespace: string, name: string): Promise<string | undefined> => {
    asked.length = 0;
    return (await directory.repository(namespace, name))?.repository.id;
  };

  beforeEach(async () => {
    namespaces = new Map([['library', NAMESPACE]]);
    repositories = new Map();
    roles = [];
    directory = new Directory({
      namespaces: {
        byId: (id) => asking('namespace by id', namespaces.get(id)),
        byName: (name) =>
          asking(
            'namespace by name',
            [...namespaces.values()].find((each) => each.name === name),
          ),
      },
      repositories: {
        byId: (id) => asking('repository by id', repositories.get(id)),
        byName: (namespaceId, name) =>
          asking(
            'repository by name',
            [...repositories.values()].find((each) => each.namespaceId === namespaceId && each.name === name),
          ),
        rolesOf: async () => (await asking('roles', roles)) ?? [],
      },
      organizations: { memberships: () => Promise.resolve([]) },
      policy: { anonymousAccess: true, superusersFullAccess: false },
      cache: false,
    });
    put('first', 'busybox');
    expect(await found('library', 'busybox')).toBe('first');
    expect(asked).toEqual(['namespace by name', 'repository by name']);
  });

  const AGAIN = ['namespace by id', 'repository by id'];

  it('asks for both at once where the path led before', async () => {
    expect(await found('library', 'busybox')).toBe('first');
    expect(asked).toEqual(AGAIN);
  });

  it('answers what there is now', async () => {
    repositories.set('first', { ...REPOSITORY, id: 'first', visibility: 'private' });
    expect((await directory.repository('library', 'busybox'))?.repository.visibility).toBe('private');
    namespaces.set('library', { ...NAMESPACE, disabled: true });
    expect((await directory.repository('library', 'busybox'))?.namespace.disabled).toBe(true);
  });

  it.each<[string, () => void, string | undefined]>([
    ['was deleted', () => repositories.delete('first'), undefined],
    [
      'was deleted with its namespace',
      () => {
        namespaces.clear();
      },
      undefined,
    ],
    [
      'was deleted and made anew',
      () => {
        repositories.delete('first');
        put('second', 'busybox');
      },
      'second',
    ],
    [
      'has another name, which another one has now',
      () => {
        put('first', 'alpine');
        put('second', 'busybox');
      },
      'second',
    ],
    [
      'is in another namespace',
      () => {
        namespaces.set('other', { ...NAMESPACE, id: 'other', name: 'other' });
        put('first', 'busybox', 'other');
      },
      undefined,
    ],
    [
      'is in a namespace that has another name, which another one has now',
      () => {
        namespaces.set('library', { ...NAMESPACE, name: 'books' });
        namespaces.set('other', { ...NAMESPACE, id: 'other' });
        put('second', 'busybox', 'other');
      },
      'second',
    ],
  ])('finds what bears the name now where the repository %s', async (_, change, expected) => {
    change();
    expect(await found('library', 'busybox')).toBe(expected);
    expect(asked.slice(0, 3)).toEqual([...AGAIN, 'namespace by name']);
  });

  it('asks what was granted to anybody but the owner, each time', async () => {
    const there = { repository: { ...REPOSITORY, visibility: 'private' }, namespace: NAMESPACE } as const;
    asked.length = 0;
    expect(await directory.role(person('library'), there)).toBe('admin');
    expect(asked).toEqual([]);
    expect(await directory.role(person('somebody'), there)).toBeUndefined();
    roles = ['write'];
    expect(await directory.role(person('somebody'), there)).toBe('write');
    expect(asked).toEqual(['roles', 'roles']);
    const organization = { ...there, namespace: { ...NAMESPACE, kind: 'organization' } } as const;
    expect(await directory.role(person('library'), organization)).toBe('write');
  });
});

it('keeps so many roles in all, however many people come to one repository', async () => {
  const [namespace, repository] = [NAMESPACE, REPOSITORY];
  const directory = new Directory({
    namespaces: { byId: () => Promise.resolve(namespace), byName: () => Promise.resolve(namespace) },
    repositories: {
      byId: () => Promise.resolve(repository),
      byName: () => Promise.resolve(repository),
      rolesOf: () => Promise.resolve([]),
    },
    organizations: { memberships: () => Promise.resolve([]) },
    policy: { anonymousAccess: true, superusersFullAccess: false },
    cache: true,
  });
  const people = Array.from({ length: 50_010 }, (_, index) => person(`user ${index}`));
  for (const each of people) expect(await directory.role(each, { repository, namespace })).toBe('read');
  const kept = people.filter((each) => directory.peekRole(each, repository.id) !== undefined);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(50_000);
});
