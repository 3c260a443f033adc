import { availableParallelism } from 'node:os';
import { sideBySide } from '../concurrency/sideBySide.js';
import { START, type Position } from '../domain/shared/ids.js';
import type { DocumentStore, Lane } from '../ports/documentStore.js';
import type { EventStore } from '../ports/eventStore.js';
import { catchUp, LaneFeed } from '../projections/feed.js';
import type { Projection } from '../projections/projection.js';
import { laneSpec } from '../projections/projector.js';
import type { Progressed } from './administration.js';
import type { EmbeddedStores } from './embedded.js';
import { allProjections } from './projections.js';
import { rebuildLane } from './rebuild/rebuildLane.js';

type ReadStores = { readonly documents: DocumentStore; readonly events: EventStore };

export type LaneBuild = Lane & { readonly build: string };

/** How far a build is, in positions of the log: how many events that are, only some engines know. */
export type BuildProgress = { readonly projection: string; readonly position: number; readonly end: number };

/**
 * Builds a lane beside the active one, up to what is the log's end when it begins.
 *
 * @throws the signal's reason, if it comes first
 */
export type BuildLane = (projection: Projection, progressed: Progressed, signal?: AbortSignal) => Promise<LaneBuild>;

/** On a thread of its own, straight from file to file: a multiple as fast as following the log. */
export const buildOnThread =
  ({ documents, events, logPath }: Pick<EmbeddedStores, 'documents' | 'events' | 'logPath'>): BuildLane =>
  async (projection, progressed, signal) => {
    await documents.discardBuilds(projection.name);
    const lane = await documents.build(laneSpec(projection));
    const until = await events.end();
    const task = { projection: projection.name, logPath, lanePath: lane.path, until };
    const tell = (position: Position): void => {
      progressed(Number(position), Number(until));
    };
    try {
      await rebuildLane(task, tell, signal);
    } catch (error) {
      await documents.discardBuilds(projection.name);
      throw error;
    }
    return lane;
  };

/**
 * Through the ports, whichever engines there are.
 *
 * @param goOn called again and again: throws when the build is not wanted any more
 */
export const buildByReading =
  ({ documents, events }: ReadStores, goOn: () => void): BuildLane =>
  async (projection, progressed, signal) => {
    await documents.discardBuilds(projection.name);
    const lane = await documents.build(laneSpec(projection));
    const until = await events.end();
    const feed = await LaneFeed.open(projection, lane);
    await catchUp(events, feed, until, (position) => {
      goOn();
      signal?.throwIfAborted();
      progressed(Number(position), Number(until));
    });
    await feed.flush();
    goOn();
    return lane;
  };

/**
 * Builds the read models that have no documents in their present version, after an upgrade or a loss. Nothing of it goes on
 * when this has thrown.
 */
export async function buildMissing(
  { documents, events }: ReadStores,
  build: BuildLane,
  progressed: (at: BuildProgress) => void,
): Promise<void> {
  if ((await events.end()) === START) return;
  const isThere = await Promise.all(allProjections.map((projection) => documents.hasActive(laneSpec(projection))));
  const missing = allProjections.filter((_, index) => isThere[index] !== true);
  await forAsManyAsProcessors(missing, async (projection) => {
    const lane = await build(projection, (position, end) => {
      progressed({ projection: projection.name, position, end });
    });
    // Somebody else may have been faster, and have fed his since.
    if (await documents.hasActive(laneSpec(projection))) await documents.discardBuilds(projection.name);
    else await documents.activate(laneSpec(projection), lane.build);
  });
}

/** Does something for each, for as many at a time as there are processors; after the first failure none is begun any more. */
export const forAsManyAsProcessors = (
  projections: readonly Projection[],
  act: (projection: Projection) => Promise<void>,
): Promise<void> =>
  // The last ones are the largest: begun first, they do not end alone.
  sideBySide(projections.toReversed(), act, availableParallelism());
