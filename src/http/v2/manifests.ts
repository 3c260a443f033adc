import { parseAccept } from '../../domain/manifest/accept.js';
import { negotiate } from '../../domain/manifest/negotiate.js';
import { MediaTypeUnsupported } from '../../domain/manifest/errors.js';
import { isOciMediaType, isSchema1MediaType, type ManifestMediaType } from '../../domain/manifest/mediaTypes.js';
import type { ManifestFacts, Platform } from '../../domain/manifest/facts.js';
import { checkSchema1Target } from '../../domain/manifest/schema1Target.js';
import { manifestDigest } from '../../domain/manifest/manifestDigest.js';
import { parseManifest } from '../../domain/manifest/parse.js';
import { ManifestUnknown } from '../../domain/repository/errors.js';
import type { ManifestRecord } from '../../domain/repository/events.js';
import { algorithmOf } from '../../domain/shared/digest.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import { isTagName, parseReference, TagInvalid, type Reference } from '../../domain/shared/reference.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import type { ServableManifest } from './manifestReads.js';
import { readBody } from './body.js';
import { admitWriter, checkWritable } from './writes.js';
import { contextOf, pullerOf, type Registry } from './registry.js';
import { recordOf } from './manifestRecord.js';
import { requestedRepository } from './names.js';
import type { Admitted } from './authorization.js';
import { pastManifest } from './asOf.js';

type Target = { readonly name: string; readonly reference: string };

/** GET and HEAD of a manifest (distribution-spec, "Pulling manifests"; contract: registry-v2 §8). */
export async function getManifest(registry: Registry, exchange: Exchange, { name, reference }: Target): Promise<void> {
  const requested = requestedRepository(registry, name);
  const admitted = await registry.authorization.admit(exchange, name, requested, 'pull');
  const { repository } = admitted.found;
  const manifest =
    requested.moment === null
      ? (registry.manifestReads.peek(repository.id, reference) ??
        (await find(registry, repository.id, readable(reference))))
      : await pastManifest(registry, admitted, requested.moment, readable(reference));
  const servable = reference.includes(':')
    ? manifest
    : await negotiated(registry, exchange, repository.id, manifest, reference);
  if (exchange.method === 'GET') {
    const recorded = recordPull(registry, exchange, admitted, servable, reference);
    if (recorded) await recorded;
  }
  send(exchange, servable);
}

/** A reference that is neither tag nor digest names nothing (contract: registry-v2 §1). */
function readable(reference: string): Reference {
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
async function negotiated(
  registry: Registry,
  exchange: Exchange,
  repositoryId: string,
  manifest: ServableManifest,
  reference: string,
): Promise<ServableManifest> {
  const accepted = parseAccept(exchange.header('accept'));
  const verdict = negotiate(manifest.mediaType, accepted);
  if (verdict === 'as-stored') return manifest;
  const child =
    verdict === 'amd64-child'
      ? parseManifest(manifest.bytes, manifest.mediaType).references.find(({ platform }) => isLinuxAmd64(platform))
      : undefined;
  const found = child && (await registry.manifestReads.byDigest(repositoryId, child.digest));
  if (found && negotiate(found.mediaType, accepted) === 'as-stored') return found;
  const message = `manifest is of type ${manifest.mediaType}, which the request does not accept`;
  throw new OciError(404, 'MANIFEST_UNKNOWN', message, { reference });
}

const isLinuxAmd64 = (platform: Platform | undefined): boolean =>
  platform?.os === 'linux' && platform.architecture === 'amd64';

function send(exchange: Exchange, { bytes, mediaType, digest }: ServableManifest): void {
  if (exchange.request.headers['if-none-match'] === `"${digest}"`) {
    exchange.head(304, ['ETag', `"${digest}"`, 'Docker-Content-Digest', digest]);
    exchange.response.end();
    return;
  }
  exchange.send(200, ['Content-Type', mediaType, 'Docker-Content-Digest', digest, 'ETag', `"${digest}"`], bytes);
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

/** PUT of a manifest (distribution-spec, "Pushing Manifests"; contract: registry-v2 §7). */
export async function putManifest(registry: Registry, exchange: Exchange, { name, reference }: Target): Promise<void> {
  checkWritable(registry);
  const requested = requestedRepository(registry, name);
  const { repositoryId } = await admitWriter(registry, exchange, name, requested);
  const target = parseReference(reference);
  const bytes = await readBody(exchange.request, registry.settings.manifestBytes);
  const contentType = exchange.header('content-type');
  const facts = parseManifest(bytes, contentType);
  checkMediaTypeTaken(registry, requested.path.namespace, facts.mediaType);
  const expected = target.kind === 'digest' ? target.digest : undefined;
  const digest = manifestDigest(bytes, facts, expected === undefined ? 'sha256' : algorithmOf(expected));
  if (expected !== undefined && digest !== expected) {
    throw new OciError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
      expected,
      computed: digest,
    });
  }
  if (facts.schema1)
    checkSchema1Target(
      facts.schema1,
      requested.path,
      target.kind === 'tag' ? target.tag : null,
      registry.settings.names,
    );
  const tags = target.kind === 'tag' ? [target.tag] : [...tagParameters(exchange), ...embeddedTag(facts)];
  const manifest: ManifestRecord = await recordOf(registry, facts);
  const command = { repositoryId, bytes, digest, manifest, tags, byDigest: target.kind === 'digest' };
  await registry.commands.pushManifest.handle(command, contextOf(exchange, registry.ids));
  exchange.empty(201, [
    ...['Location', `/v2/${name}/manifests/${digest}`, 'Docker-Content-Digest', digest],
    ...(facts.subject && registry.settings.referrersApi ? ['OCI-Subject', facts.subject.digest] : []),
    ...(target.kind === 'digest' && tags.length > 0 ? ['OCI-Tag', tags.join(', ')] : []),
  ]);
}

/** Instances and namespaces may be closed to newer formats (contract: registry-v2 §7.1). */
function checkMediaTypeTaken({ settings }: Registry, namespace: string, mediaType: ManifestMediaType): void {
  const refused = isOciMediaType(mediaType) ? !settings.takesOci(namespace) : false;
  const tooNew = settings.onlySchema1(namespace) && !isSchema1MediaType(mediaType);
  if (refused || tooNew) throw new MediaTypeUnsupported(mediaType);
}

/** A schema 1 manifest pushed by digest is tagged with the tag that it was made for (contract: registry-v2 §7.4). */
const embeddedTag = ({ schema1 }: ManifestFacts): string[] => (schema1 && isTagName(schema1.tag) ? [schema1.tag] : []);

/** More than so many are refused with 414; at least 10 must be taken (DS-086). */
const MAXIMUM_TAGS = 100;

function tagParameters(exchange: Exchange): string[] {
  const tags = [...new Set(exchange.query.getAll('tag'))];
  if (tags.length > MAXIMUM_TAGS) {
    throw new OciError(414, 'MANIFEST_INVALID', `at most ${MAXIMUM_TAGS} tags can be given in one request`, {
      tags: tags.length,
    });
  }
  const wrong = tags.find((tag) => !isTagName(tag));
  if (wrong !== undefined) throw new TagInvalid(wrong);
  return tags;
}

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
  const { found } = await registry.authorization.admit(exchange, name, requested, 'push');
  const id = idOf(found.repository);
  const context = contextOf(exchange, registry.ids);
  if (target.kind === 'tag') await registry.commands.tags.deleteTag(id, target.tag, context);
  else await registry.commands.tags.deleteManifest(id, target.digest, context);
  exchange.empty(202, []);
}

export function refusePast(moment: string | null): void {
  if (moment !== null)
    throw new OciError(405, 'UNSUPPORTED', 'the past can be read but not changed: use the plain repository name');
}

// Ids in documents were branded before they went into an event.
export const idOf = (document: { readonly id: string }): RepositoryId => document.id as RepositoryId;
