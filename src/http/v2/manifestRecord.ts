import { annotationsInEvent } from '../../domain/manifest/annotations.js';
import type { ManifestFacts } from '../../domain/manifest/facts.js';
import { configToRead, manifestLabels } from '../../domain/manifest/labels.js';
import type { ManifestRecord } from '../../domain/repository/events.js';
import type { Registry } from './registry.js';

/** What goes into the event: the facts of the manifest, and the labels that its config adds to them. */
export async function recordOf(registry: Registry, facts: ManifestFacts): Promise<ManifestRecord> {
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
    labels: manifestLabels(facts, await configBytes(registry, facts)).labels,
  };
}

async function configBytes({ contents, blobs }: Registry, facts: ManifestFacts): Promise<Uint8Array | undefined> {
  const digest = configToRead(facts);
  const content = digest === null ? undefined : await contents.locate(digest);
  return content && blobs.read(content);
}
