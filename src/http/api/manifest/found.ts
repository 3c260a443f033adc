import { ManifestUnknown } from '../../../domain/repository/errors.js';
import { isDigest, type Digest } from '../../../domain/shared/digest.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { ManifestDocument } from '../../../projections/manifests.js';
import type { Queries } from '../../../projections/queries.js';
import type { Timestamp } from '../../../domain/shared/time.js';

/** A manifest that a living tag leads to. @throws ManifestUnknown */
export async function reachableManifest(
  { manifests }: Pick<Queries, 'manifests'>,
  { repository }: FoundRepository,
  reference: string,
  now: Timestamp,
): Promise<ManifestDocument> {
  const found = isDigest(reference) ? await manifests.reachable(repository.id, reference, now) : undefined;
  if (!found) throw new ManifestUnknown(reference.slice(0, 200));
  return found.document;
}

/** What is no digest names no manifest. @throws ManifestUnknown */
export function digestIn(text: string): Digest {
  if (!isDigest(text)) throw new ManifestUnknown(text.slice(0, 200));
  return text;
}
