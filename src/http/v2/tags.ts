import type { Exchange } from './exchange.js';
import { requestedRepository } from './names.js';
import { nextLink, pageOf } from './paging.js';
import { idOf, type Registry } from './registry.js';
import { checkMoment } from './asOf.js';

/** GET of the tag list (distribution-spec, "Listing Tags"; contract: registry-v2 §12). */
export async function listTags(
  registry: Registry,
  exchange: Exchange,
  { name }: { readonly name: string },
): Promise<void> {
  const requested = requestedRepository(registry, name);
  const admitted = await registry.authorization.admit(exchange, name, requested, 'pull');
  const { limit, last } = pageOf(exchange, registry.settings.pageSize);
  const id = idOf(admitted.found.repository);
  const { tags } = registry.queries;
  if (limit === 0) {
    exchange.json(200, { name, tags: [] });
    return;
  }
  if (requested.moment !== null) checkMoment(registry, admitted, requested.moment);
  const found =
    requested.moment === null
      ? (await tags.listAlive(id, last, limit, registry.clock.now())).map(({ tag }) => tag)
      : await tags.listAt(id, last, limit, requested.moment);
  const page = found.slice(0, limit);
  exchange.json(200, { name, tags: page }, nextLink(`/v2/${name}/tags/list`, found.length > limit, limit, page.at(-1)));
}
