import { allProjections } from '../../src/composition/projections.js';
import type { EmbeddedStores } from '../../src/composition/embedded.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import type { Lane } from '../../src/ports/documentStore.js';
import { LaneFeed, projected } from '../../src/projections/feed.js';
import { laneSpec } from '../../src/projections/projector.js';
import { documentsOf } from '../support/documents.js';

/** The documents of every read model, by projection, collection and key. */
export type Documents = Record<string, Record<string, JsonObject>>;

export async function liveDocuments({ documents }: EmbeddedStores): Promise<Documents> {
  const all: Documents = {};
  for (const projection of allProjections) {
    all[projection.name] = await documentsOf(projection, await documents.active(laneSpec(projection)));
  }
  return all;
}

/** How a lane is fed. */
export type Feeding = {
  /** Of the next batch, by its number. */
  readonly size: (batch: number) => number;
  /** Whether the store loses its answer to every commit, so that each batch is applied a second time. */
  readonly twice?: boolean;
};

/** The documents of every read model, each built in a fresh lane from the beginning of the log. */
export async function rebuiltDocuments(
  { documents }: EmbeddedStores,
  log: readonly RecordedEvent[],
  { size, twice = false }: Feeding,
): Promise<Documents> {
  const all: Documents = {};
  for (const projection of allProjections) {
    const lane = await documents.build(laneSpec(projection));
    const feed = await LaneFeed.open(projection, twice ? losingAnswers(lane) : lane);
    for (let from = 0, batch = 0; from < log.length; batch++) {
      const events = log.slice(from, (from += size(batch))).map(projected);
      if (twice) await feed.apply(events).catch(ignoreLost);
      await feed.apply(events);
    }
    all[projection.name] = await documentsOf(projection, lane);
    await documents.discardBuilds(projection.name);
  }
  return all;
}

class AnswerLost extends Error {}

function ignoreLost(error: unknown): void {
  if (!(error instanceof AnswerLost)) throw error;
}

/** Writes everything, and says so only every other time. */
function losingAnswers(lane: Lane): Lane {
  let commits = 0;
  return {
    checkpoint: () => lane.checkpoint(),
    collection: (name) => lane.collection(name),
    commit: async (writes, checkpoint) => {
      await lane.commit(writes, checkpoint);
      if (commits++ % 2 === 0) throw new AnswerLost();
    },
  };
}
