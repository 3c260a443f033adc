import { isJsonObject } from '../shared/json.js';
import { NO_ANNOTATIONS } from './annotations.js';
import type { Annotations } from './facts.js';

/**
 * `config.Labels` of an image configuration, or of a version 1 image in a schema 1 history. A text that is no
 * such document has no labels, which is no fault (contract v2 §7.2); the same goes for values that are no strings.
 */
export function configLabels(text: string): Annotations {
  const image = parsed(text);
  const config = isJsonObject(image) ? image['config'] : undefined;
  const labels = isJsonObject(config) ? config['Labels'] : undefined;
  if (!isJsonObject(labels)) return NO_ANNOTATIONS;
  return Object.fromEntries(
    Object.entries(labels).filter((label): label is [string, string] => {
      const [name, value] = label;
      return typeof value === 'string' && value.isWellFormed() && name.isWellFormed();
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
