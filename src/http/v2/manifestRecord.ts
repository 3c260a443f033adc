import { annotationsInEvent } from '../../domain/manifest/annotations.js';
import type { ManifestFacts } from '../../domain/manifest/facts.js';
import { manifestLabels } from '../../domain/manifest/labels.js';
import type { ManifestRecord } from '../../domain/repository/events.js';

/**
 * What goes into the event: the facts of the manifest, and the labels that its config adds to them.
 *
 * @param config its bytes, where `configToRead` asks for them and they are there
 */
export function recordOf(facts: ManifestFacts, config?: Uint8Array): ManifestRecord {
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
    labels: manifestLabels(facts, config).labels,
  };
}
