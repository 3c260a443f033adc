import { setImmediate } from 'node:timers/promises';
import { OCI_INDEX } from '../../domain/manifest/mediaTypes.js';
import { parseManifest } from '../../domain/manifest/parse.js';
import { parseDigest, type Digest } from '../../domain/shared/digest.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import type { RequestedRepository } from '../../domain/shared/repositoryPath.js';
import type { ManifestDocument } from '../../projections/manifests.js';
import { checkMoment } from './asOf.js';
import { grants } from './authorization.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { requestedRepository } from './names.js';
import { idOf, type Registry } from './registry.js';

type Target = { readonly name: string; readonly digest: string };
type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: { readonly [name: string]: string };
};

/** An answer of this many bytes ends a page (distribution-spec, "Listing Referrers": what does not fit is paged). */
const PAGE_BYTES = 4 * 1024 * 1024;
/** So do manifests of this many bytes that had to be read for their annotations. */
const READ_BYTES = 16 * 1024 * 1024;

/** GET of what refers to a digest, which need not exist (contract: registry-v2 §11). */
export async function listReferrers(
  registry: Registry,
  exchange: Exchange,
  { name, digest: text }: Target,
): Promise<void> {
  if (!registry.settings.referrersApi) throw new OciError(404, 'UNSUPPORTED', 'the referrers API is switched off');
  const requested = requestedRepository(registry, name);
  const subject = parseDigest(text);
  const id = await repositoryOf(registry, exchange, name, requested);
  const artifactType = filterOf(exchange);
  const page =
    id === undefined
      ? { manifests: [] }
      : await collect(registry, id, subject, artifactType, exchange.query.get('last'), requested.moment);
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: page.manifests };
  exchange.send(
    200,
    [
      ...['Content-Type', OCI_INDEX],
      ...(artifactType === undefined ? [] : ['OCI-Filters-Applied', 'artifactType']),
      ...nextPage(`/v2/${name}/referrers/${subject}`, artifactType, page.next),
    ],
    Buffer.from(JSON.stringify(index)),
  );
}

/** A repository that is not there yet has no referrers, for who may pull it (DS-112: never 404). */
async function repositoryOf(
  registry: Registry,
  exchange: Exchange,
  name: string,
  requested: RequestedRepository,
): Promise<RepositoryId | undefined> {
  try {
    const admitted = await registry.authorization.admit(exchange, name, requested, 'pull');
    if (requested.moment !== null) checkMoment(registry, admitted, requested.moment);
    return idOf(admitted.found.repository);
  } catch (error) {
    if (error instanceof OciError && error.code === 'NAME_UNKNOWN' && grants(exchange.token?.grants.get(name), 'pull'))
      return undefined;
    throw error;
  }
}

/** A blank that was a plus before decoding counts as one: media types have no blanks. */
function filterOf({ query }: Exchange): string | undefined {
  const asked = query.get('artifactType');
  return asked === null || asked === '' ? undefined : asked.replaceAll(' ', '+');
}

async function collect(
  registry: Registry,
  repositoryId: RepositoryId,
  subject: Digest,
  artifactType: string | undefined,
  after: string | null,
  moment: string | null,
): Promise<{ readonly manifests: readonly Descriptor[]; readonly next?: string }> {
  const manifests: Descriptor[] = [];
  let bytes = 0;
  let read = 0;
  let last: string | undefined;
  for await (const document of registry.queries.manifests.referrers(
    repositoryId,
    subject,
    registry.clock.now(),
    after ?? '',
  )) {
    if (moment !== null && document.pushedAt > moment) continue;
    if (artifactType !== undefined && document.artifactType !== artifactType) continue;
    if (document.annotationsInBytes) read += document.size;
    if (last !== undefined && (bytes > PAGE_BYTES || read > READ_BYTES)) return { manifests, next: last };
    const descriptor = await descriptorOf(registry, document);
    bytes += JSON.stringify(descriptor).length;
    manifests.push(descriptor);
    last = document.pushed;
  }
  return { manifests };
}

async function descriptorOf(registry: Registry, document: ManifestDocument): Promise<Descriptor> {
  const { mediaType, digest, size, artifactType } = document;
  const annotations = document.annotationsInBytes ? await annotationsIn(registry, document) : document.annotations;
  return {
    ...{ mediaType, digest, size },
    ...(artifactType === null ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** Reading a large manifest takes so long that others get their turn after each. */
async function annotationsIn(
  registry: Registry,
  { digest, mediaType }: ManifestDocument,
): Promise<Descriptor['annotations'] & object> {
  const { annotations } = parseManifest(await registry.manifestReads.bytes(digest), mediaType);
  await setImmediate();
  return annotations;
}

function nextPage(path: string, artifactType: string | undefined, next: string | undefined): string[] {
  if (next === undefined) return [];
  const query = new URLSearchParams({ last: next, ...(artifactType === undefined ? {} : { artifactType }) });
  return ['Link', `<${path}?${query.toString()}>; rel="next"`];
}
