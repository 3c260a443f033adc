import type { Digest } from '../shared/digest.js';
import { isJsonObject, type Json, type JsonObject } from '../shared/json.js';
import type { ManifestFacts, ManifestReference } from './facts.js';
import { EMPTY_LAYER, EMPTY_LAYER_SIZE, isForeignLayer } from './layers.js';

/** One step in the making of an image, as people want to see it. */
export type LayerStep = {
  readonly digest: Digest;
  readonly size: number;
  /** Fetched from elsewhere by clients. */
  readonly isRemote: boolean;
  readonly urls: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly comment: string | null;
  readonly author: string | null;
  /** Milliseconds since the epoch. */
  readonly created: number | null;
};

type Said = Pick<LayerStep, 'command' | 'comment' | 'author' | 'created'>;

const SILENT: Said = { command: null, comment: null, author: null, created: null };

/**
 * The layers of a manifest, base first; of an image with what its config's history says of each, and with the entries
 * that made no layer. A history that does not fit the layers says nothing. An index has no layers.
 *
 * @param document the manifest itself
 * @param config of an image; undefined for other artifacts, or if it cannot be read
 * @see contract: repositories §4
 */
export function layerSteps(
  facts: Pick<ManifestFacts, 'kind' | 'references'>,
  document: JsonObject,
  config: JsonObject | undefined,
): LayerStep[] {
  const layers = facts.references.filter(({ kind }) => kind === 'layer');
  if (facts.kind === 'schema1') return layers.map((layer, index) => withHistory(layer, schema1Said(document, index)));
  const urls = listAt(document, 'layers').map((layer) => textsAt(layer, 'urls'));
  const steps = layers.map((layer, index) => withHistory(layer, SILENT, urls[index] ?? []));
  return alongHistory(steps, config ? listAt(config, 'history') : []) ?? steps;
}

function withHistory(
  { digest, size, mediaType }: ManifestReference,
  said: Said,
  urls: readonly string[] = [],
): LayerStep {
  const isRemote = isForeignLayer(mediaType);
  return { digest, size, isRemote, urls: isRemote ? urls : null, ...said };
}

function alongHistory(steps: readonly LayerStep[], history: readonly Json[]): LayerStep[] | undefined {
  const left = [...steps];
  const told: LayerStep[] = [];
  for (const entry of history) {
    if (!isJsonObject(entry)) return undefined;
    const layer = entry['empty_layer'] === true ? EMPTY_STEP : left.shift();
    if (!layer) return undefined;
    told.push({ ...layer, ...said(entry) });
  }
  return left.length === 0 ? told : undefined;
}

const EMPTY_STEP: LayerStep = {
  ...{ digest: EMPTY_LAYER, size: EMPTY_LAYER_SIZE, isRemote: false, urls: null },
  ...SILENT,
};

const said = (entry: JsonObject): Said => ({
  command: commandIn(entry['created_by']),
  comment: textOf(entry['comment']),
  author: textOf(entry['author']),
  created: momentOf(entry['created']),
});

/** The first entry of the history is the image itself, those after it are its parents. */
function schema1Said(document: JsonObject, layer: number): Said {
  const history = listAt(document, 'history');
  const entry = history[history.length - 1 - layer];
  const text = isJsonObject(entry) ? entry['v1Compatibility'] : undefined;
  const image = typeof text === 'string' ? parsed(text) : undefined;
  if (!isJsonObject(image)) return SILENT;
  const container = image['container_config'];
  return { ...said(image), command: isJsonObject(container) ? listOfTexts(container['Cmd']) : null };
}

/** What is JSON already is what it says; else it is one command (contract: repositories §4). */
function commandIn(text: Json | undefined): readonly string[] | null {
  if (typeof text !== 'string') return null;
  return listOfTexts(parsed(text)) ?? [text];
}

const listOfTexts = (value: unknown): readonly string[] | null =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function momentOf(value: Json | undefined): number | null {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

const listAt = (value: Json | undefined, member: string): readonly Json[] => {
  const list = isJsonObject(value) ? value[member] : undefined;
  return Array.isArray(list) ? (list as readonly Json[]) : [];
};

const textsAt = (value: Json, member: string): readonly string[] =>
  listAt(value, member).filter((item) => typeof item === 'string');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
