import { setImmediate } from 'node:timers/promises';
import type { Caller } from '../../domain/access.js';
import type { Visibility } from '../../domain/repository/events.js';
import type { NamespaceDocument } from '../../projections/namespaces.js';
import type { Exchange } from './exchange.js';
import { FirstInOrder } from './firstInOrder.js';
import { nextLink, pageOf } from './paging.js';
import type { Registry } from './registry.js';

type Queries = Registry['queries'];
type User = Extract<Caller, { kind: 'user' }>;
/** Where the page begins, exclusive. */
type Start = { readonly namespace: string; readonly name: string };

const BATCH = 100;

/**
 * GET of the catalog: the repositories that the caller may pull, in order of namespace and name (contract: registry-v2
 * §12). Public ones only where the instance says so. It begins from what the caller has, and reads past the caches: one
 * who lists must not drive out what others pull.
 */
export async function listRepositories(registry: Registry, exchange: Exchange): Promise<void> {
  const { caller } = await registry.authorization.subject(exchange);
  const { limit, last } = pageOf(exchange, registry.settings.pageSize);
  const found = limit === 0 ? [] : await readable(registry, caller, last, limit + 1);
  const page = found.slice(0, limit);
  exchange.json(200, { repositories: page }, nextLink('/v2/_catalog', found.length > limit, limit, page.at(-1)));
}

async function readable(registry: Registry, caller: Caller, last: string, count: number): Promise<string[]> {
  const { queries, settings, directory } = registry;
  const [namespace = '', ...rest] = last.split('/');
  const start = { namespace, name: rest.join('/') };
  const first = new FirstInOrder(count, sortable(start.namespace, start.name));
  if (caller.kind === 'user' && (caller.superuser || caller.readOnlySuperuser)) await addAll(queries, start, first);
  else {
    if (caller.kind === 'user') {
      await addOwn(queries, caller, start, first);
      await addGranted(queries, caller, first);
    }
    const seesPublic = settings.publicCatalog && (caller.kind === 'user' || directory.policy.anonymousAccess);
    if (seesPublic) await addPublic(queries, start, first, count);
  }
  return first.kept.map((path) => path.replace('\0', '/'));
}

/** Sorts by namespace and then by name, which the path with its slash does not: `a-b/x` comes after `a/x`. */
const sortable = (namespace: string, name: string): string => `${namespace}\0${name}`;

async function addAll(queries: Queries, start: Start, first: FirstInOrder): Promise<void> {
  for (let from = start.namespace; ;) {
    const { documents } = await queries.namespaces.fromName(from, BATCH);
    for (const namespace of documents) {
      await addNamespace(queries, namespace, start, first);
      if (first.isFull) return;
    }
    const end = documents.at(-1);
    if (!end || documents.length < BATCH) return;
    from = `${end.name}\0`;
  }
}

async function addOwn(queries: Queries, { namespaceId }: User, start: Start, first: FirstInOrder): Promise<void> {
  const own = await queries.namespaces.byId(namespaceId);
  if (own) await addNamespace(queries, own, start, first);
}

/** A namespace's repositories, all or those of one visibility, in order: until they are no longer wanted. */
async function addNamespace(
  { repositories }: Queries,
  { id, name, disabled }: NamespaceDocument,
  start: Start,
  first: FirstInOrder,
  visibility?: Visibility,
): Promise<void> {
  if (disabled) return;
  for (let from = start.namespace === name && start.name !== '' ? `${start.name}\0` : ''; ;) {
    const { documents } = await (visibility === undefined
      ? repositories.inNamespace(id, from, BATCH)
      : repositories.inNamespaceBy(visibility, id, from, BATCH));
    for (const repository of documents) first.offer(sortable(name, repository.name));
    await setImmediate();
    const end = documents.at(-1);
    if (!end || documents.length < BATCH || !first.wants(sortable(name, end.name))) return;
    from = `${end.name}\0`;
  }
}

/** Any role is enough to read; permissions in repositories that are gone find nothing. */
async function addGranted(queries: Queries, { id }: User, first: FirstInOrder): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await queries.repositories.grantedTo({ kind: 'user', id }, BATCH, cursor);
    const repositories = await queries.repositories.byIds(page.documents.map(({ repositoryId }) => repositoryId));
    for (const repository of repositories) {
      const namespace = repository && (await queries.namespaces.byId(repository.namespaceId));
      if (namespace && !namespace.disabled) first.offer(sortable(namespace.name, repository.name));
    }
    await setImmediate();
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** In the first namespaces that have a public repository: each fills a place, but for that in which the page begins. */
async function addPublic(queries: Queries, start: Start, first: FirstInOrder, count: number): Promise<void> {
  const nearest = new FirstInOrder(count + 1, start.namespace);
  let from = '';
  for (let seen = 1; ; seen++) {
    const id = await queries.repositories.nextNamespaceBy('public', from);
    if (id === undefined) break;
    const namespace = await queries.namespaces.byId(id);
    if (namespace && !namespace.disabled) nearest.offer(sortable(namespace.name, id));
    if (seen % BATCH === 0) await setImmediate();
    from = `${id}\0`;
  }
  for (const sorted of nearest.kept) {
    const namespace = await queries.namespaces.byId(sorted.slice(sorted.indexOf('\0') + 1));
    if (namespace) await addNamespace(queries, namespace, start, first, 'public');
  }
}
