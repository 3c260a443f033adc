import { MongoServerError, type IndexDescription, type IndexDescriptionInfo } from 'mongodb';
import type { CollectionSpec, LaneSpec } from '../../../ports/documentStore.js';
import { activeId, type LaneDatabase } from './records.js';

/** The field of stored documents that an index is over, and the index's name in the engine. */
export const indexField = (index: string): string => `x.${index}`;
export const indexName = (index: string): string => `x_${index}`;

/** An index of a lane is not there, or another one bears its name. */
export class LaneIndexMissing extends Error {
  constructor(spec: LaneSpec, collection: string, index: string) {
    super(
      `index ${index} of ${collection} is missing in MongoDB, or is another: stop all processes and remove the record ` +
        `${activeId(spec)} from the collection lanes, and the next start builds that read model anew`,
    );
    this.name = 'LaneIndexMissing';
  }
}

type LaneIndex = Required<Pick<IndexDescription, 'name'>> & {
  readonly key: Readonly<Record<string, 1>>;
  readonly sparse?: boolean;
};

/** The declared indexes, and one that finds tombstones. */
function indexesOf({ indexes }: CollectionSpec): readonly LaneIndex[] {
  const declared = Object.keys(indexes).map((index): LaneIndex => ({
    name: indexName(index),
    key: { [indexField(index)]: 1 },
  }));
  return [{ name: 'tombstones', key: { t: 1 }, sparse: true }, ...declared];
}

/** Makes the collections of a build, which come into being with their indexes. */
export async function createCollections(lanes: LaneDatabase, spec: LaneSpec, build: string): Promise<void> {
  for (const collection of spec.collections) {
    const indexes = indexesOf(collection).map(({ key, ...index }) => ({ ...index, key: { ...key } }));
    await lanes.run(() => lanes.documents(spec, build, collection.name).createIndexes(indexes));
  }
}

/** @throws LaneIndexMissing */
export async function verifyIndexes(lanes: LaneDatabase, spec: LaneSpec, build: string): Promise<void> {
  const verify = async (collection: CollectionSpec): Promise<void> => {
    const found = new Map<string, string>();
    for (const { name, key } of await listIndexes(lanes, spec, build, collection.name)) {
      found.set(name ?? '', JSON.stringify(key));
    }
    for (const { name, key } of indexesOf(collection)) {
      if (found.get(name) !== JSON.stringify(key)) throw new LaneIndexMissing(spec, collection.name, name);
    }
  };
  await Promise.all(spec.collections.map(verify));
}

const NAMESPACE_NOT_FOUND = 26;

async function listIndexes(
  lanes: LaneDatabase,
  spec: LaneSpec,
  build: string,
  collection: string,
): Promise<readonly IndexDescriptionInfo[]> {
  try {
    return await lanes.run(() => lanes.documents(spec, build, collection).indexes({ full: true }));
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}
