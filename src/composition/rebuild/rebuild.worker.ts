import { parentPort, workerData } from 'node:worker_threads';
import { openLaneFile } from '../../adapters/documents/laneFile.js';
import { openReadOnlyEvents } from '../../adapters/eventstore/readOnly.js';
import { catchUp, LaneFeed } from '../../projections/feed.js';
import { laneSpec } from '../../projections/projector.js';
import { allProjections } from '../projections.js';
import type { RebuildMessage, RebuildTask } from './protocol.js';

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
    await catchUp(events, await LaneFeed.open(projection, lane), until, (position) => {
      tell({ kind: 'progress', position });
    });
  } finally {
    lane.close();
    events.close();
  }
  tell({ kind: 'done' });
}

// Only `rebuildLane` starts this file.
await rebuild(workerData as RebuildTask);
