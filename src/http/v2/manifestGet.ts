import { parseAccept } from '../../domain/manifest/accept.js';
import type { Platform } from '../../domain/manifest/facts.js';
import { negotiate } from '../../domain/manifest/negotiate.js';
import { parseManifest } from '../../domain/manifest/parse.js';
import { ManifestUnknown } from '../../domain/repository/errors.js';
import { parseReference, TagInvalid, type Reference } from '../../domain/shared/reference.js';
import type { RequestedRepository } from '../../domain/shared/repositoryPath.js';
import { pastManifest } from './asOf.js';
import type { Admitted } from './authorization.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { namesEtag } from './ifNoneMatch.js';
import type { ServableManifest } from './manifestReads.js';
import { requestedRepository } from './names.js';
import { idOf, pullerOf, type Registry } from './registry.js';

type Target = { readonly name: string; readonly reference: string };

/**
 * GET and HEAD of a manifest (distribution-spec, "Pulling manifests"; contract: registry-v2 §8). The busiest request
 * there is: when all is known it is answered without a promise.
 */
export function getManifest(registry: Registry, exchange: Exchange, target: Target): void | Promise<void> {
  const requested = requestedRepository(registry, target.name);
  const admitted = registry.authorization.admit(exchange, target.name, requested, 'pull');
  if (admitted instanceof Promise) return look(registry, exchange, target, requested, admitted);
  const { repository } = admitted.found;
  const known = requested.moment === null ? registry.manifestReads.peek(repository.id, target.reference) : undefined;
  if (!known || !isWanted(exchange, known, target.reference))
    return look(registry, exchange, target, requested, admitted);
  return deliver(registry, exchange, admitted, known, target.reference);
}

/** The way of the first request after a change, and of those that want something else than what is stored. */
async function look(
  registry: Registry,
  exchange: Exchange,
  { reference }: Target,
  requested: RequestedRepository,
  admitting: Admitted | Promise<Admitted>,
): Promise<void> {
  const admitted = await admitting;
  const { repository } = admitted.found;
  const manifest =
    requested.moment === null
      ? (registry.manifestReads.peek(repository.id, reference) ??
        (await find(registry, repository.id, readable(reference))))
      : await pastManifest(registry, admitted, requested.moment, readable(reference));
  const wanted = isWanted(exchange, manifest, reference)
    ? manifest
    : await forOldClients(registry, exchange, repository.id, manifest, reference);
  await deliver(registry, exchange, admitted, wanted, reference);
}

/** By digest a manifest is served as it is, whatever the client accepts. */
const isWanted = (exchange: Exchange, { mediaType }: ServableManifest, reference: string): boolean =>
  reference.includes(':') || negotiate(mediaType, parseAccept(exchange.header('accept'))) === 'as-stored';

function deliver(
  registry: Registry,
  exchange: Exchange,
  admitted: Admitted,
  manifest: ServableManifest,
  reference: string,
): void | Promise<void> {
  const recorded =
    exchange.method === 'GET' ? recordPull(registry, exchange, admitted, manifest, reference) : undefined;
  if (recorded) {
    return recorded.then(() => {
      send(exchange, manifest);
    });
  }
  send(exchange, manifest);
}

/** A reference that is neither tag nor digest names nothing (contract: registry-v2 §1). */
export function readable(reference: string): Reference {
  try {
    return parseReference(reference);
  } catch (error) {
    if (error instanceof TagInvalid) throw new ManifestUnknown(reference.slice(0, 200));
    throw error;
  }
}

async function find(
  { manifestReads, queries }: Registry,
  repositoryId: string,
  reference: Reference,
): Promise<ServableManifest> {
  if (reference.kind === 'digest') {
    const found = await manifestReads.byDigest(repositoryId, reference.digest);
    if (!found) throw new ManifestUnknown(reference.digest);
    return found;
  }
  const found = await manifestReads.byTag(repositoryId, reference.tag);
  if (found) return found;
  if (!(await queries.tags.everExisted(repositoryId, reference.tag))) throw new ManifestUnknown(reference.tag);
  const message = `Tag ${reference.tag} was deleted or has expired. To pull, revive via time machine`;
  throw new OciError(404, 'MANIFEST_UNKNOWN', message, { condition: 'TAG_EXPIRED', tag: reference.tag });
}

/** Clients that know no indexes get the image for linux/amd64 (contract: registry-v2 §8, "Negotiation"). */
async function forOldClients(
  registry: Registry,
  exchange: Exchange,
  repositoryId: string,
  manifest: ServableManifest,
  reference: string,
): Promise<ServableManifest> {
  const accepted = parseAccept(exchange.header('accept'));
  const child =
    negotiate(manifest.mediaType, accepted) === 'amd64-child'
      ? parseManifest(manifest.bytes, manifest.mediaType).references.find(({ platform }) => isLinuxAmd64(platform))
      : undefined;
  const found = child && (await registry.manifestReads.byDigest(repositoryId, child.digest));
  if (found && negotiate(found.mediaType, accepted) === 'as-stored') return found;
  const message = `manifest is of type ${manifest.mediaType}, which the request does not accept`;
  throw new OciError(404, 'MANIFEST_UNKNOWN', message, { reference });
}

const isLinuxAmd64 = (platform: Platform | undefined): boolean =>
  platform?.os === 'linux' && platform.architecture === 'amd64';

function send(exchange: Exchange, { bytes, text, headers, etag }: ServableManifest): void {
  if (namesEtag(exchange.request.headers['if-none-match'], etag)) exchange.notModified(headers);
  else exchange.send(200, headers, text ?? bytes);
}

function recordPull(
  { pulls }: Registry,
  exchange: Exchange,
  { found }: Admitted,
  { digest, mediaType }: ServableManifest,
  reference: string,
): Promise<void> | undefined {
  const repositoryId = idOf(found.repository);
  return pulls.record(found.namespace.id, pullerOf(exchange), { repositoryId, reference, digest, mediaType });
}
