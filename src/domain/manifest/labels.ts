import type { Digest } from '../shared/digest.js';
import { annotationsInEvent, NO_ANNOTATIONS } from './annotations.js';
import { configLabels } from './configLabels.js';
import type { Annotations, ManifestFacts } from './facts.js';
import { EFFECT_LABELS } from './tagEffects.js';

export type LabelMediaType = 'text/plain' | 'application/json';
export type ManifestLabel = { readonly key: string; readonly value: string; readonly mediaType: LabelMediaType };

/** Labels to record; `complete` is false when some were left out, which queries then read from the bytes. */
export type ManifestLabels = { readonly labels: readonly ManifestLabel[]; readonly complete: boolean };

/** A config beyond is not read for labels. */
export const MAX_CONFIG_BYTES = 4_194_304;

/** Most bytes of labels that one push records; they travel in events, which are small (design §2). */
export const MAX_LABEL_BYTES = 16_384;

/** No value with an effect is longer; a longer one has none. */
const MAX_EFFECT_VALUE = 255;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The config blob that must be read to know a manifest's labels; null when they do not depend on it. */
export function configToRead(facts: ManifestFacts): Digest | null {
  if (!facts.isImageConfig) return null;
  const config = facts.references.find(({ kind }) => kind === 'config');
  return config !== undefined && config.size <= MAX_CONFIG_BYTES ? config.digest : null;
}

/**
 * The labels that a manifest has of its own: of an image those of its config, overlaid by its annotations; of other
 * OCI manifests the annotations; of schema 1 those of its top image; an index has none. Annotations beyond the
 * bound of events are not recorded, but for those that set the expiry or the immutability of tags.
 *
 * @param config bytes of the config blob, where `configToRead` asks for them and they are there
 * @see contract v2 §7.6
 */
export function manifestLabels(facts: ManifestFacts, config?: Uint8Array): ManifestLabels {
  const { annotations, flagged } = annotationsInEvent(facts);
  const own = facts.schema1?.labels ?? (facts.isImageConfig ? labelsOf(config) : NO_ANNOTATIONS);
  const overlay = facts.kind === 'index' ? NO_ANNOTATIONS : flagged ? withEffects(facts.annotations) : annotations;
  const { labels, complete } = withinBound(new Map([...Object.entries(own), ...Object.entries(overlay)]));
  return { labels, complete: complete && (!flagged || facts.kind === 'index') };
}

/** A value that is a JSON object or array is marked so (contract v2 §7.6). */
export function labelMediaType(value: string): LabelMediaType {
  if (!/^\s*[[{]/.test(value)) return 'text/plain';
  try {
    JSON.parse(value);
    return 'application/json';
  } catch {
    return 'text/plain';
  }
}

function labelsOf(config: Uint8Array | undefined): Annotations {
  if (config === undefined || config.length > MAX_CONFIG_BYTES) return NO_ANNOTATIONS;
  try {
    return configLabels(UTF8.decode(config));
  } catch {
    return NO_ANNOTATIONS; // not UTF-8: whatever it is, it has no labels
  }
}

const withEffects = (annotations: Annotations): Annotations =>
  Object.fromEntries(
    EFFECT_LABELS.flatMap((key) => {
      const value = annotations[key];
      return value !== undefined && value.length <= MAX_EFFECT_VALUE ? [[key, value]] : [];
    }),
  );

/** As many as the bound allows: those with an effect first, then the others in order, without the too large. */
function withinBound(values: ReadonlyMap<string, string>): ManifestLabels {
  const isEffect = (key: string): boolean => EFFECT_LABELS.includes(key);
  const entries = [...values];
  const ordered = [...entries.filter(([key]) => isEffect(key)), ...entries.filter(([key]) => !isEffect(key))];
  let room = MAX_LABEL_BYTES;
  const labels: ManifestLabel[] = [];
  for (const [key, value] of ordered) {
    const size = Buffer.byteLength(JSON.stringify({ key, value }));
    if (size > room) continue;
    room -= size;
    labels.push({ key, value, mediaType: labelMediaType(value) });
  }
  return { labels, complete: labels.length === ordered.length };
}
