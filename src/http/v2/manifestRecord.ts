import { annotationsInEvent } from '../../domain/manifest/annotations.js';
import type { ManifestFacts } from '../../domain/manifest/facts.js';
import { configToRead, manifestLabels } from '../../domain/manifest/labels.js';
import type { ManifestRecord } from '../../domain/repository/events.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import { ContentMissing } from '../../ports/errors.js';
import type { Registry } from './registry.js';

/** What goes into the event: the facts of the manifest, and the labels that its config adds to them. */
export async function recordOf(
  registry: Registry,
  repositoryId: RepositoryId,
  facts: ManifestFacts,
): Promise<ManifestRecord> {
  const { annotations, flagged } = annotationsInEvent(facts);
  return {
    mediaType: facts.mediaType,
    kind: facts.kind,
    size: facts.size,
    references: facts.references.map(({ digest, size, mediaType, kind, due }) => ({
      digest,
      size,
      mediaType,
      kind,
      due,
    })),
    subject: facts.subject?.digest ?? null,
    artifactType: facts.artifactType,
    annotations,
    annotationsInBytes: flagged,
    labels: manifestLabels(facts, await configBytes(registry, repositoryId, facts)).labels,
  };
}

/** Only what the repository may read, and only if it is no larger than stated: the bound looked at what was stated. */
async function configBytes(
  { blobReads, contents }: Registry,
  repositoryId: RepositoryId,
  facts: ManifestFacts,
): Promise<Uint8Array | undefined> {
  const digest = configToRead(facts);
  const blob = digest === null ? undefined : await blobReads.find(repositoryId, digest);
  const stated = facts.references.find((reference) => reference.digest === digest)?.size;
  if (!blob?.content || blob.size !== stated) return undefined;
  return contents.read(blob.content).catch((error: unknown) => {
    // The manifest is refused for it when it is looked at what is there.
    if (error instanceof ContentMissing) return undefined;
    throw error;
  });
}
