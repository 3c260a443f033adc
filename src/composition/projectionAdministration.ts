import type { DocumentStore, Lane } from '../ports/documentStore.js';
import type { EventStore } from '../ports/eventStore.js';
import { compareLanes } from '../projections/compare.js';
import { catchUp, LaneFeed } from '../projections/feed.js';
import type { Projection } from '../projections/projection.js';
import { laneSpec, type Projector } from '../projections/projector.js';
import { projectionUnknown, type Administration, type Progressed, type ProjectionVerdict } from './administration.js';
import { sideBySide, type BuildLane } from './laneBuilding.js';
import { allProjections } from './projections.js';

/** Differences that a verdict names; more are only worth a number. */
const NAMED_DIFFERENCES = 20;

export type ProjectionAdministration = Omit<Administration, 'createUser'>;

export type ProjectionAdministrationOptions = {
  readonly stores: { readonly documents: DocumentStore; readonly events: EventStore };
  readonly projector: Projector;
  readonly build: BuildLane;
  /** Called when queries have to read from another build. */
  readonly replaced?: () => void;
};

/** The read models, for the process that feeds them. */
export function projectionAdministration(options: ProjectionAdministrationOptions): ProjectionAdministration {
  const { stores, projector, build, replaced } = options;
  const { documents, events } = stores;
  return {
    projectionStates: async () => {
      // A lane writes its checkpoint down with its next document; how far it has come its feed knows.
      const lanes = (await documents.lanes()).map((lane) =>
        lane.active && isPresent(lane) ? { ...lane, checkpoint: projector.feed(lane.projection).position } : lane,
      );
      return { end: await events.end(), lanes };
    },

    rebuild: async (name, progressed) => {
      const names = allProjections.map((known) => known.name);
      if (name !== null && !names.includes(name)) throw projectionUnknown(name, names);
      const done = new Map<string, number>();
      await sideBySide(async (projection) => {
        if (name !== null && projection.name !== name) return;
        const lane = await build(projection, (position, end) => {
          done.set(projection.name, position);
          // As far as the one that is furthest behind.
          progressed(Math.min(...done.values()), end);
        });
        await projector.replace(projection, lane, async () => {
          await documents.activate(laneSpec(projection), lane.build);
          replaced?.();
          return documents.active(laneSpec(projection));
        });
      });
      return { position: await events.end() };
    },

    verifyProjections: async (progressed) => {
      const verdicts: ProjectionVerdict[] = [];
      for (const projection of allProjections) verdicts.push(await verify(options, projection, progressed));
      return verdicts;
    },
  };
}

/** Engines that several programs share keep lanes of other versions, too. */
export const isPresent = (lane: { readonly projection: string; readonly version: number }): boolean =>
  allProjections.some(({ name, version }) => name === lane.projection && version === lane.version);

async function verify(
  { stores: { documents, events }, projector, build }: ProjectionAdministrationOptions,
  projection: Projection,
  progressed: Progressed,
): Promise<ProjectionVerdict> {
  const lane = await build(projection, progressed);
  const live = await documents.active(laneSpec(projection));
  try {
    return await projector.exclusively(async (position) => {
      await catchUp(events, await LaneFeed.open(projection, lane), position);
      const differences: string[] = [];
      let found = 0;
      for await (const { collection, key } of compareLanes(projection, live, lane)) {
        found++;
        if (differences.length < NAMED_DIFFERENCES) differences.push(`${collection}/${key}`);
      }
      if (found > differences.length) differences.push(`and ${found - differences.length} more`);
      const counted = await countDocuments(projection, live);
      return { projection: projection.name, documents: counted, differences };
    });
  } finally {
    await documents.discardBuilds(projection.name);
  }
}

async function countDocuments({ collections }: Projection, lane: Lane): Promise<number> {
  let count = 0;
  for (const { name } of collections) {
    const documents = lane.collection(name).scan()[Symbol.asyncIterator]();
    while ((await documents.next()).done !== true) count++;
  }
  return count;
}
