import { parentPort, workerData } from 'node:worker_threads';
import { openLaneFile } from '../../adapters/documents/laneFile.js';
import { openReadOnlyEvents } from '../../adapters/eventstore/readOnly.js';
import { LaneFeed, projected } from '../../projections/feed.js';
import { laneSpec } from '../../projections/projector.js';
import { allProjections } from '../projections.js';
import type { RebuildMessage, RebuildTask } from './protocol.js';

/** Events of one commit: the more, the more often changed documents are written only once. */
const PAGE = 10_000;

/** Builds one lane from the log's beginning, on a thread of its own: serving goes on beside it. */
async function rebuild({ projection: name, logPath, lanePath, until }: RebuildTask): Promise<void> {
  const projection = allProjections.find((candidate) => candidate.name === name);
  if (!projection) throw new Error(`no projection is called ${name}`);
  const tell = (message: RebuildMessage): void => {
    parentPort?.postMessage(message);
  };
  const events = openReadOnlyEvents(logPath);
  const lane = openLaneFile(lanePath, laneSpec(projection), 'building');
  try {
    const feed = await LaneFeed.open(projection, lane);
    const types = Object.keys(projection.handlers);
    for (;;) {
      const page = events.readOfTypes(types, feed.position, until, PAGE);
      if (page.length === 0) break;
      await feed.apply(page.map(projected));
      tell({ kind: 'progress', position: feed.position });
    }
    await feed.passOver(until);
  } finally {
    lane.close();
    events.close();
  }
  tell({ kind: 'done' });
}

// Only `rebuildLane` starts this file.
await rebuild(workerData as RebuildTask);
