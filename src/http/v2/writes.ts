import type { Caller } from '../../domain/access.js';
import type { NamespaceId, RepositoryId } from '../../domain/shared/ids.js';
import type { RequestedRepository } from '../../domain/shared/repositoryPath.js';
import { grants, scopeOf, type Admitted } from './authorization.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { refusePast } from './names.js';
import { contextOf, idOf, type Registry } from './registry.js';

/** A writer in a repository. */
export type Writer = {
  readonly caller: Caller;
  readonly repositoryId: RepositoryId;
  /** Whether only his being a superuser lets him. */
  readonly asSuperuser: boolean;
};

/** The instance may take no writes at all (contract: registry-v2 §14). @throws OciError 405 */
export function checkWritable({ settings }: Registry): void {
  if (settings.readOnly) {
    const message =
      'System is currently read-only. Pulls will succeed but all write operations are currently suspended.';
    throw new OciError(405, 'DENIED', message, { is_readonly: true });
  }
  if (settings.pushesDisabled) {
    const message =
      'Pushes to the registry are currently disabled. Please contact the administrator for more information.';
    throw new OciError(405, 'DENIED', message);
  }
}

/**
 * Who may write to the repository; one that does not exist yet is created by its first write, under the subject's
 * right at that moment (contract: registry-v2 §4.4).
 *
 * @param scope what a challenge asks for
 * @throws OciError 401 with the challenge, 405 for a name of the past
 */
export async function admitWriter(
  registry: Registry,
  exchange: Exchange,
  name: string,
  requested: RequestedRepository,
  scope = scopeOf(name, 'push'),
): Promise<Writer> {
  refusePast(requested.moment);
  const { authorization, directory } = registry;
  const { namespace, repository } = requested.path;
  const calling = await authorization.lookUp(exchange, requested, scope);
  if (calling.found) return writerOf(registry, await authorization.admitTo(exchange, name, calling, 'push', scope));
  const { subject } = calling;
  const grant = exchange.token?.grants.get(name);
  // A token for a repository that was there when it was issued does not serve a later one of its name.
  if (!grants(grant, 'push') || (grant?.repositoryId ?? null) !== null) throw authorization.challenge(scope);
  const owner = await directory.namespace(namespace);
  if (!owner || owner.disabled || !(await directory.mayCreateIn(subject, owner))) throw authorization.challenge(scope);
  const { caller } = subject;
  await registry.commands.repositories.ensure(
    {
      // Ids in documents were branded before they went into an event.
      namespaceId: owner.id as NamespaceId,
      name: repository,
      visibility: registry.settings.publicByDefault ? 'public' : 'private',
      description: null,
      creator: caller.kind === 'anonymous' ? null : { kind: caller.kind, id: caller.id },
    },
    contextOf(exchange, registry.ids),
  );
  // Whose it is if somebody else was first is another question.
  return writerOf(registry, await authorization.admit(exchange, name, requested, 'push', scope));
}

export async function writerOf({ directory }: Registry, { subject, found }: Admitted): Promise<Writer> {
  const asSuperuser = await directory.actsAsSuperuser(subject, found);
  return { caller: subject.caller, repositoryId: idOf(found.repository), asSuperuser };
}
