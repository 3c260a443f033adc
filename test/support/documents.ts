import type { JsonObject } from '../../src/domain/shared/json.js';
import type { Lane } from '../../src/ports/documentStore.js';
import type { Projection } from '../../src/projections/projection.js';

/** Every document of a lane, by collection and key. */
export async function documentsOf(projection: Projection, lane: Lane): Promise<Record<string, JsonObject>> {
  const documents: Record<string, JsonObject> = {};
  for (const { name } of projection.collections) {
    for await (const { key, document } of lane.collection(name).scan()) documents[`${name}/${key}`] = document;
  }
  return documents;
}
