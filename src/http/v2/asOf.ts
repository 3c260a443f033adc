import { includes } from '../../domain/access.js';
import { ManifestUnknown } from '../../domain/repository/errors.js';
import type { Digest } from '../../domain/shared/digest.js';
import type { Reference } from '../../domain/shared/reference.js';
import { plusSeconds, type Timestamp } from '../../domain/shared/time.js';
import { ContentMissing } from '../../ports/errors.js';
import { existedAt } from '../../projections/manifestQueries.js';
import type { Admitted } from './authorization.js';
import type { ReadableBlob } from './blobReads.js';
import { OciError } from './errors.js';
import { servable, type ServableManifest } from './manifestReads.js';
import { idOf, type Registry } from './registry.js';

/** How far a moment must lie back, so that no clock of ours can still call it the future (design section 7). */
const SKEW_SECONDS = 5;

/**
 * A manifest as of a moment. The caller's present permissions apply; what no live tag reaches today needs write
 * permission; what lies outside the namespace's window is not shown (design section 7).
 */
export async function pastManifest(
  registry: Registry,
  admitted: Admitted,
  moment: Timestamp,
  reference: Reference,
): Promise<ServableManifest> {
  checkMoment(registry, admitted, moment);
  const { repository } = admitted.found;
  const unknown = new ManifestUnknown(reference.kind === 'tag' ? reference.tag : reference.digest);
  const digest =
    reference.kind === 'digest'
      ? reference.digest
      : await registry.queries.tags.digestAt(repository.id, reference.tag, moment);
  const manifest = digest && (await registry.queries.manifests.get(repository.id, digest));
  if (!manifest || !existedAt(manifest, moment)) throw unknown;
  if (!(await mayRead(registry, admitted, manifest.digest))) throw unknown;
  return servable(manifest.digest, manifest.mediaType, await bytesOf(registry, manifest.digest, moment), null);
}

/** A blob that a manifest of the repository named at the moment: that it was uploaded since says nothing of then. */
export async function pastBlob(
  registry: Registry,
  admitted: Admitted,
  moment: Timestamp,
  digest: Digest,
): Promise<ReadableBlob | undefined> {
  checkMoment(registry, admitted, moment);
  const id = idOf(admitted.found.repository);
  const present = await registry.blobReads.find(id, digest);
  // The empty layer was always everywhere.
  if (present?.content === null) return present;
  if (!(await registry.queries.manifests.namedAt(id, digest, moment))) return undefined;
  if (present) return present;
  if (!includes(admitted.role, 'write')) return undefined;
  const content = await registry.contents.locate(digest);
  return content && { size: content.size, content, until: null };
}

/** @throws OciError 404 for a moment that cannot be shown */
export function checkMoment({ clock }: Registry, { found }: Admitted, moment: Timestamp): void {
  const now = clock.now();
  if (moment > plusSeconds(now, -SKEW_SECONDS)) {
    throw new OciError(404, 'MANIFEST_UNKNOWN', `the moment must lie at least ${SKEW_SECONDS} seconds back`, {
      moment,
    });
  }
  const { timeMachineSeconds, name } = found.namespace;
  if (moment < plusSeconds(now, -timeMachineSeconds)) {
    const message = `the moment lies outside the time machine's window of ${timeMachineSeconds} seconds in namespace ${name}`;
    throw new OciError(404, 'MANIFEST_UNKNOWN', message, { moment });
  }
}

async function mayRead(registry: Registry, { found, role }: Admitted, digest: Digest): Promise<boolean> {
  if (includes(role, 'write')) return true;
  return (await registry.queries.manifests.visible(found.repository.id, digest, registry.clock.now())) !== undefined;
}

async function bytesOf(registry: Registry, digest: Digest, moment: Timestamp): Promise<Uint8Array> {
  try {
    return await registry.manifestReads.bytes(digest);
  } catch (error) {
    if (!(error instanceof ContentMissing)) throw error;
    const message = 'the content of that moment has been collected since';
    throw new OciError(404, 'MANIFEST_UNKNOWN', message, { digest, moment });
  }
}
