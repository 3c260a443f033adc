import { includes, type Subject } from '../../domain/access.js';
import { EMPTY_LAYER } from '../../domain/manifest/layers.js';
import type { Digest } from '../../domain/shared/digest.js';
import { DomainError } from '../../domain/shared/errors.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import type { RepositoryPath } from '../../domain/shared/repositoryPath.js';
import type { FoundRepository } from '../../projections/directory.js';
import { grants, scopeOf } from './authorization.js';
import type { Exchange } from './exchange.js';
import { requestedRepository } from './names.js';
import { idOf, type Registry } from './registry.js';

/** What a token must grant for a mount (contract: registry-v2 §3). */
export const mountScope = (name: string, from: string): string => `${scopeOf(name, 'push')} ${scopeOf(from, 'pull')}`;

type MountTarget = { readonly name: string; readonly repositoryId: RepositoryId };

/**
 * Whether the caller may take the blob over from where it is (contract: registry-v2 §3, §5.1). If not, the upload goes on
 * as a plain one.
 *
 * @throws OciError 401 with both scopes if only the token, not the subject, lacks the right to read the source
 */
export async function mountable(
  registry: Registry,
  exchange: Exchange,
  target: MountTarget,
  digest: Digest,
  from: string | null,
): Promise<boolean> {
  if (from === null || from === '') return mountableFromAnywhere(registry, exchange, target, digest);
  const source = await sourceNamed(registry, from);
  if (!source || !(await hasBlob(registry, source, digest))) return false;
  const subject = await registry.authorization.subject(exchange);
  if (!includes(await registry.directory.role(subject, source), 'read')) return false;
  if (source.repository.visibility === 'public' || isGranted(exchange, from, source)) return true;
  throw registry.authorization.challenge(mountScope(target.name, from));
}

/** Without `from`: from the target itself, and from what the token names or everybody may read. */
async function mountableFromAnywhere(
  registry: Registry,
  exchange: Exchange,
  { repositoryId }: MountTarget,
  digest: Digest,
): Promise<boolean> {
  if (await registry.blobReads.find(repositoryId, digest)) return true;
  const subject = await registry.authorization.subject(exchange);
  for (const [name, grant] of exchange.token?.grants ?? []) {
    const source = grants(grant, 'pull') ? await sourceNamed(registry, name) : undefined;
    if (!source || !isGranted(exchange, name, source)) continue;
    if (includes(await registry.directory.role(subject, source), 'read') && (await hasBlob(registry, source, digest)))
      return true;
  }
  return mountableFromPublic(registry, subject, digest);
}

/** Whether the bytes are there: if not, the client is to bring them. */
export async function isStored({ contents }: Registry, digest: Digest): Promise<boolean> {
  if (digest === EMPTY_LAYER) return true;
  const content = await contents.locate(digest);
  return content !== undefined && contents.isThere(content);
}

/** Repositories that hold or name the digest are looked at until a public one is found; bounded. */
const CANDIDATES = 50;

async function mountableFromPublic(registry: Registry, subject: Subject, digest: Digest): Promise<boolean> {
  for (const repositoryId of await registry.queries.manifests.repositoriesNaming(digest, CANDIDATES)) {
    const repository = await registry.queries.repositories.byId(repositoryId);
    const namespace =
      repository?.visibility === 'public' && (await registry.queries.namespaces.byId(repository.namespaceId));
    if (!repository || !namespace) continue;
    const found = { repository, namespace };
    if (includes(await registry.directory.role(subject, found), 'read') && (await hasBlob(registry, found, digest)))
      return true;
  }
  return false;
}

/** Whether a client's text is the name of a repository: only such a one may stand in a header. */
export const isSource = (registry: Registry, name: string): boolean => sourcePath(registry, name) !== undefined;

/** A name that is none, or one of the past, is no source. */
async function sourceNamed(registry: Registry, name: string): Promise<FoundRepository | undefined> {
  const path = sourcePath(registry, name);
  return path && registry.directory.repository(path.namespace, path.repository);
}

function sourcePath(registry: Registry, name: string): RepositoryPath | undefined {
  try {
    const { path, moment } = requestedRepository(registry, name);
    return moment === null ? path : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

const hasBlob = async (registry: Registry, { repository }: FoundRepository, digest: Digest): Promise<boolean> =>
  (await registry.blobReads.find(idOf(repository), digest)) !== undefined;

function isGranted({ token }: Exchange, name: string, { repository }: FoundRepository): boolean {
  const grant = token?.grants.get(name);
  return grants(grant, 'pull') && (grant?.repositoryId ?? repository.id) === repository.id;
}
