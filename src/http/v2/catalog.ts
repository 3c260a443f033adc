import { includes } from '../../domain/access.js';
import type { Exchange } from './exchange.js';
import { nextLink, pageOf } from './paging.js';
import type { Registry } from './registry.js';

const BATCH = 100;

/**
 * GET of the catalog: the repositories that the caller may pull, in order of namespace and name (contract: registry-v2
 * §12). Public ones only where the instance says so.
 */
export async function listRepositories(registry: Registry, exchange: Exchange): Promise<void> {
  const caller = await registry.authorization.caller(exchange);
  const { limit, last } = pageOf(exchange, registry.settings.pageSize);
  const found: string[] = [];
  if (limit > 0) {
    for await (const name of readable(registry, caller, last)) {
      found.push(name);
      if (found.length > limit) break;
    }
  }
  const page = found.slice(0, limit);
  exchange.json(200, { repositories: page }, nextLink('/v2/_catalog', found.length > limit, limit, page.at(-1)));
}

type Caller = Awaited<ReturnType<Registry['authorization']['caller']>>;

async function* readable(registry: Registry, caller: Caller, last: string): AsyncIterable<string> {
  if (caller.kind === 'anonymous' && !registry.settings.publicCatalog) return;
  const slash = last.indexOf('/');
  const [lastNamespace, lastName] = slash < 0 ? [last, ''] : [last.slice(0, slash), last.slice(slash + 1)];
  for (let from = lastNamespace; ;) {
    const { documents } = await registry.queries.namespaces.fromName(from, BATCH);
    for (const namespace of documents) {
      if (!namespace.disabled)
        yield* inNamespace(registry, caller, namespace, namespace.name === lastNamespace ? lastName : '');
    }
    const end = documents.at(-1);
    if (!end || documents.length < BATCH) return;
    from = `${end.name}\0`;
  }
}

type Namespace = { readonly id: string; readonly name: string };

async function* inNamespace(
  registry: Registry,
  caller: Caller,
  { id, name }: Namespace,
  after: string,
): AsyncIterable<string> {
  for (let from = after === '' ? '' : `${after}\0`; ;) {
    const { documents } = await registry.queries.repositories.inNamespace(id, from, BATCH);
    for (const repository of documents) {
      if (await isListed(registry, caller, name, repository.name)) yield `${name}/${repository.name}`;
    }
    const end = documents.at(-1);
    if (!end || documents.length < BATCH) return;
    from = `${end.name}\0`;
  }
}

async function isListed(registry: Registry, caller: Caller, namespace: string, name: string): Promise<boolean> {
  const found = await registry.directory.repository(namespace, name);
  if (!found) return false;
  if (caller.kind === 'user' && (caller.superuser || caller.readOnlySuperuser)) return true;
  if (!includes(await registry.directory.role(caller, found), 'read')) return false;
  return (
    registry.settings.publicCatalog ||
    found.repository.visibility === 'private' ||
    (await registry.directory.isOwn(caller, found))
  );
}
