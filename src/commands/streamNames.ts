import type { Timestamp } from '../domain/shared/time.js';
import type { AccountId, NamespaceId, RepositoryId, StreamName } from '../domain/shared/ids.js';

/** The one place where stream names are made (design section 2). */
const stream = (text: string): StreamName => text as StreamName;

export const accountStream = (id: AccountId): StreamName => stream(`account-${id}`);
export const namespaceStream = (id: NamespaceId): StreamName => stream(`namespace-${id}`);
/** What only organizations have: the id is that of the namespace. */
export const organizationStream = (id: NamespaceId): StreamName => stream(`organization-${id}`);
export const repositoryStream = (id: RepositoryId): StreamName => stream(`repository-${id}`);
export const namespaceNameStream = (name: string): StreamName => stream(`name-namespace-${name}`);
export const repositoryNameStream = (namespace: NamespaceId, name: string): StreamName =>
  stream(`name-repository-${namespace}/${name}`);
/** Whose account was the first one of the registry. */
export const firstAccountStream = stream('name-first-account');
export const emailNameStream = (hmac: string): StreamName => stream(`name-email-${hmac}`);

/** One writer each: `processStart` is unique to a process. `month` as `yyyymm`. */
export const activityStream = (namespace: NamespaceId, month: string, processStart: string): StreamName =>
  stream(`activity-${namespace}-${month}-${processStart}`);

export const monthOf = (at: Timestamp): string => `${at.slice(0, 4)}${at.slice(5, 7)}`;

/** The id in a stream's name: what follows its category. */
export const idOf = (name: StreamName): string => name.slice(name.indexOf('-') + 1);
