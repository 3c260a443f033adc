import { isDigest, type Digest } from '../shared/digest.js';
import { isJsonObject, type Json, type JsonObject } from '../shared/json.js';
import { OCI_MANIFEST } from './mediaTypes.js';

/** Which artifacts have a card that describes a model, and where it is in them (UI_MODELCARD_…). */
export type ModelCardRule = {
  readonly artifactType: string;
  /** Empty: artifacts are not told by annotations. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly layerAnnotations: Readonly<Record<string, string>>;
};

/** The layer that is the card; undefined where there is none (contract: repositories §4). */
export function modelCardIn(document: JsonObject, mediaType: string, rule: ModelCardRule): Digest | undefined {
  if (mediaType !== OCI_MANIFEST) return undefined;
  const isModel = document['artifactType'] === rule.artifactType;
  const isMarked = Object.keys(rule.annotations).length > 0 && includes(document['annotations'], rule.annotations);
  if (!isModel && !isMarked) return undefined;
  const layers = Array.isArray(document['layers']) ? (document['layers'] as readonly Json[]) : [];
  const card =
    isModel && layers.length === 1
      ? layers[0]
      : layers.find((layer) => isJsonObject(layer) && includes(layer['annotations'], rule.layerAnnotations));
  const digest = isJsonObject(card) ? card['digest'] : undefined;
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

const includes = (annotations: Json | undefined, wanted: Readonly<Record<string, string>>): boolean =>
  isJsonObject(annotations) && Object.entries(wanted).every(([name, value]) => annotations[name] === value);
