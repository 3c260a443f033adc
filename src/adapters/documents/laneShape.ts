import type { LaneSpec } from '../../ports/documentStore.js';

/** What must be the same for stored documents to serve a lane: if it changed, the version should have been raised. */
export const shapeOf = ({ projection, version, collections }: LaneSpec): string =>
  JSON.stringify({ projection, version, collections: collections.map(({ name, indexes }) => ({ name, indexes })) });

/** The documents were made for a lane of the same projection and version, but with other collections or indexes. */
export class LaneShapeChanged extends Error {
  constructor({ projection, version }: LaneSpec) {
    super(
      `the collections or indexes of projection ${projection} have changed: raise its version, which is ${version}`,
    );
    this.name = 'LaneShapeChanged';
  }
}
