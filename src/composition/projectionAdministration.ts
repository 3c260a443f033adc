import { isDeepStrictEqual } from 'node:util';
import type { DocumentStore, Lane } from '../ports/documentStore.js';
import type { EventStore } from '../ports/eventStore.js';
import { compareLanes, type Difference } from '../projections/compare.js';
import { catchUp, LaneFeed } from '../projections/feed.js';
import type { Projection } from '../projections/projection.js';
import { laneSpec, type Projector } from '../projections/projector.js';
import { projectionUnknown, type Administration, type Progressed, type ProjectionVerdict } from './administration.js';
import { forAsManyAsProcessors, type BuildLane } from './laneBuilding.js';
import { allProjections } from './projections.js';

/** Differences that a verdict names; more are only worth a number. */
const NAMED_DIFFERENCES = 20;

export type ProjectionAdministration = Omit<Administration, 'createUser' | 'verifyContents'>;

export type ProjectionAdministrationOptions = {
  readonly stores: { readonly documents: DocumentStore; readonly events: EventStore };
  readonly projector: Projector;
  readonly build: BuildLane;
  /** Called again and again: throws when this process may not go on, nor put a build in the place of another. */
  readonly goOn?: () => void;
};

/** The read models, for the process that feeds them. */
export function projectionAdministration(options: ProjectionAdministrationOptions): ProjectionAdministration {
  const { stores, projector, build } = options;
  const { documents, events } = stores;
  return {
    projectionStates: async () => {
      // A lane writes its checkpoint down with its next document; how far it has come its feed knows.
      const lanes = (await documents.lanes()).map((lane) =>
        lane.active && isPresent(lane) ? { ...lane, checkpoint: projector.feed(lane.projection).position } : lane,
      );
      return { end: await events.end(), lanes };
    },

    rebuild: async (name, progressed, signal) => {
      const names = allProjections.map((known) => known.name);
      if (name !== null && !names.includes(name)) throw projectionUnknown(name, names);
      const done = new Map<string, number>();
      await forAsManyAsProcessors(allProjections, async (projection) => {
        if (name !== null && projection.name !== name) return;
        signal?.throwIfAborted();
        const tell: Progressed = (position, end) => {
          done.set(projection.name, position);
          // As far as the one that is furthest behind.
          progressed(Math.min(...done.values()), end);
        };
        const lane = await build(projection, tell, signal);
        await projector.replace(projection, lane, async () => {
          options.goOn?.();
          signal?.throwIfAborted();
          await documents.activate(laneSpec(projection), lane.build);
          return documents.active(laneSpec(projection));
        });
      });
      return { position: await events.end() };
    },

    verifyProjections: async (progressed, signal) => {
      const goOn = (): void => {
        options.goOn?.();
        signal?.throwIfAborted();
      };
      const buildUntil: BuildLane = (projection, tell) => build(projection, tell, signal);
      const verdicts: ProjectionVerdict[] = [];
      for (const projection of allProjections) {
        verdicts.push(await verify({ stores, projector, build: buildUntil, goOn }, projection, progressed));
      }
      return verdicts;
    },
  };
}

/** Engines that several programs share keep lanes of other versions, too. */
export const isPresent = (lane: { readonly projection: string; readonly version: number }): boolean =>
  allProjections.some(({ name, version }) => name === lane.projection && version === lane.version);

async function verify(
  { stores: { documents, events }, projector, build, goOn }: ProjectionAdministrationOptions,
  projection: Projection,
  progressed: Progressed,
): Promise<ProjectionVerdict> {
  const lane = await build(projection, progressed);
  const live = await documents.active(laneSpec(projection));
  try {
    // Events go on having their effect meanwhile: what seems to differ is looked at again when both are equally far.
    const suspects: Difference[] = [];
    for await (const difference of compareLanes(projection, live, lane, goOn)) suspects.push(difference);
    const documentsCounted = await countDocuments(projection, live, goOn);
    const differing = await projector.exclusively(async (position) => {
      await catchUp(events, await LaneFeed.open(projection, lane), position, goOn);
      const found: string[] = [];
      for (const { collection, key } of suspects) {
        goOn?.();
        if (!(await isEqual(live, lane, collection, key))) found.push(`${collection}/${key}`);
      }
      return found;
    });
    const differences = differing.slice(0, NAMED_DIFFERENCES);
    if (differing.length > differences.length) differences.push(`and ${differing.length - differences.length} more`);
    return { projection: projection.name, documents: documentsCounted, differences };
  } finally {
    await documents.discardBuilds(projection.name);
  }
}

const isEqual = async (one: Lane, other: Lane, collection: string, key: string): Promise<boolean> =>
  isDeepStrictEqual(await one.collection(collection).get(key), await other.collection(collection).get(key));

async function countDocuments({ collections }: Projection, lane: Lane, goOn?: () => void): Promise<number> {
  let count = 0;
  for (const { name } of collections) {
    const documents = lane.collection(name).scan()[Symbol.asyncIterator]();
    while ((await documents.next()).done !== true) {
      goOn?.();
      count++;
    }
  }
  return count;
}
