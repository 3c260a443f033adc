import type { SqliteDocumentStore, LaneBuild } from '../adapters/documents/sqlite.js';
import { availableParallelism } from 'node:os';
import { systemContext } from '../commands/context.js';
import type { Lane } from '../ports/documentStore.js';
import { START } from '../domain/shared/ids.js';
import type { Config } from '../config/config.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import { compareLanes } from '../projections/compare.js';
import { catchUp, LaneFeed } from '../projections/feed.js';
import type { Projection } from '../projections/projection.js';
import { laneSpec } from '../projections/projector.js';
import { projectionUnknown, type Administration, type Progressed, type ProjectionVerdict } from './administration.js';
import type { Core } from './core.js';
import type { EmbeddedStores } from './embedded.js';
import { allProjections } from './projections.js';
import { rebuildLane } from './rebuild/rebuildLane.js';

/** Differences that a verdict names; more are only worth a number. */
const NAMED_DIFFERENCES = 20;

/** The administration of a registry on embedded stores, for the process that owns them. */
export function embeddedAdministration(config: Config, core: Core, stores: EmbeddedStores): Administration {
  const { documents, events } = stores;

  return {
    createUser: async ({ name, email, password, superuser }) => {
      const timeMachineSeconds = config.DEFAULT_TAG_EXPIRATION.seconds;
      const user = { name: parseNamespaceName(name, 'username'), email, password, superuser, timeMachineSeconds };
      const { accountId } = await core.commands.accounts.register(user, systemContext('cli', core.ids.next()));
      return { accountId };
    },

    projectionStates: async () => {
      // A lane writes its checkpoint down with its next document; how far it has come its feed knows.
      const lanes = (await documents.lanes()).map((lane) =>
        lane.active ? { ...lane, checkpoint: core.projector.feed(lane.projection).position } : lane,
      );
      return { end: await events.end(), lanes };
    },

    rebuild: async (name, progressed) => {
      const names = allProjections.map((known) => known.name);
      if (name !== null && !names.includes(name)) throw projectionUnknown(name, names);
      const done = new Map<string, number>();
      await sideBySide(async (projection) => {
        if (name !== null && projection.name !== name) return;
        const lane = await build(stores, projection, (position, end) => {
          done.set(projection.name, position);
          // As far as the one that is furthest behind.
          progressed(Math.min(...done.values()), end);
        });
        await core.projector.replace(projection, lane, () => activate(documents, projection, lane));
      });
      return { events: Number(await events.end()) };
    },

    verifyProjections: async (progressed) => {
      const verdicts: ProjectionVerdict[] = [];
      for (const projection of allProjections) verdicts.push(await verify(core, stores, projection, progressed));
      return verdicts;
    },
  };
}

/**
 * Builds the read models that have no documents in their present version, after an upgrade or a loss: on a thread of
 * their own, which is a multiple as fast as following the log.
 */
export async function buildMissing(
  stores: EmbeddedStores,
  progressed: (projection: string, done: number, total: number) => void,
): Promise<void> {
  if ((await stores.events.end()) === START) return;
  await sideBySide(async (projection) => {
    if (await stores.documents.hasActive(laneSpec(projection))) return;
    const lane = await build(stores, projection, (done, total) => {
      progressed(projection.name, done, total);
    });
    await activate(stores.documents, projection, lane);
  });
}

/** Does something for each projection, for as many at a time as there are processors. */
async function sideBySide(act: (projection: Projection) => Promise<void>): Promise<void> {
  const left = [...allProjections];
  const work = async (): Promise<void> => {
    // The last ones are the largest: begun first, they do not end alone.
    for (let next = left.pop(); next; next = left.pop()) await act(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function activate(documents: SqliteDocumentStore, projection: Projection, lane: LaneBuild) {
  await documents.activate(laneSpec(projection), lane.build);
  return documents.active(laneSpec(projection));
}

/** Builds a lane beside the active one, up to what is the log's end now. */
export async function build(
  stores: EmbeddedStores,
  projection: Projection,
  progressed: Progressed,
): Promise<LaneBuild> {
  const { documents, events, logPath } = stores;
  await documents.discardBuilds(projection.name);
  const lane = await documents.build(laneSpec(projection));
  const until = await events.end();
  const task = { projection: projection.name, logPath, lanePath: lane.path, until };
  await rebuildLane(task, (position) => {
    progressed(Number(position), Number(until));
  });
  return lane;
}

async function verify(
  core: Core,
  stores: EmbeddedStores,
  projection: Projection,
  progressed: Progressed,
): Promise<ProjectionVerdict> {
  const lane = await build(stores, projection, progressed);
  const live = await stores.documents.active(laneSpec(projection));
  try {
    return await core.projector.exclusively(async (position) => {
      await catchUp(stores.events, await LaneFeed.open(projection, lane), position);
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
    await stores.documents.discardBuilds(projection.name);
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
