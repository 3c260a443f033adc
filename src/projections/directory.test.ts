import { expect, it } from '@jest/globals';
import type { Subject } from '../domain/access.js';
import { FULL_REACH } from '../domain/reach.js';
import { Directory } from './directory.js';
import type { NamespaceDocument } from './namespaces.js';
import type { RepositoryDocument } from './repositories.js';

it('keeps so many roles in all, however many people come to one repository', async () => {
  const namespace: NamespaceDocument = {
    ...{ id: 'namespace', name: 'library', owner: 'owner', timeMachineSeconds: 0, disabled: false },
    kind: 'user',
    ...{ contactEmail: null, contactEmailHmac: null, contactEmailEvent: null },
    ...{ invoiceEmail: false, invoiceEmailAddress: null, invoiceEmailAddressEvent: null },
  };
  const repository: RepositoryDocument = {
    ...{ id: 'repository', namespaceId: 'namespace', name: 'busybox', description: null },
    visibility: 'public',
    state: 'NORMAL',
  };
  const directory = new Directory({
    namespaces: { byName: () => Promise.resolve(namespace) },
    repositories: { byName: () => Promise.resolve(repository), rolesOf: () => Promise.resolve([]) },
    organizations: { memberships: () => Promise.resolve([]) },
    policy: { anonymousAccess: true, superusersFullAccess: false },
    cache: true,
  });
  const person = (id: string): Subject => ({
    caller: {
      ...{ kind: 'user', id, name: id, namespaceId: id },
      ...{ superuser: false, readOnlySuperuser: false, restricted: false },
    },
    reach: FULL_REACH,
  });
  const people = Array.from({ length: 50_010 }, (_, index) => person(`user ${index}`));
  for (const each of people) expect(await directory.role(each, { repository, namespace })).toBe('read');
  const kept = people.filter((each) => directory.peekRole(each, repository.id) !== undefined);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(50_000);
});
