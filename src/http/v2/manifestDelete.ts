import type { Exchange } from './exchange.js';
import { readable } from './manifestGet.js';
import { refusePast, requestedRepository } from './names.js';
import { contextOf, type Registry } from './registry.js';
import { checkWritable, writerOf } from './writes.js';

type Target = { readonly name: string; readonly reference: string };

/** DELETE of a tag or of a manifest (distribution-spec, "Content Management"; contract: registry-v2 §9). */
export async function deleteManifest(
  registry: Registry,
  exchange: Exchange,
  { name, reference }: Target,
): Promise<void> {
  checkWritable(registry);
  const requested = requestedRepository(registry, name);
  refusePast(requested.moment);
  const target = readable(reference);
  const admitted = await registry.authorization.admit(exchange, name, requested, 'push');
  const { repositoryId: id, asSuperuser } = await writerOf(registry, admitted);
  const context = contextOf(exchange, registry.ids, asSuperuser);
  if (target.kind === 'tag') await registry.commands.tags.deleteTag(id, target.tag, context);
  else await registry.commands.tags.deleteManifest(id, target.digest, context);
  exchange.empty(202, []);
}
