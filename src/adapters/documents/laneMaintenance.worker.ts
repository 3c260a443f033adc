import { dirname } from 'node:path';
import { parentPort, type MessagePort } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { LaneSpec } from '../../ports/documentStore.js';
import { checkpoint } from '../sqlite/database.js';
import { syncToDisk } from '../sqlite/durable.js';
import type { MaintenanceAnswer, MaintenanceRequest } from './laneMaintenance.js';
import { openLaneFile, type LaneFile, type LaneFileMode } from './laneFile.js';

/** Work on lane files that would hold up the main thread: it waits for the disk. */
function run(port: MessagePort): void {
  port.on('message', (request: MaintenanceRequest) => {
    if (request.kind === 'close') port.close();
    else port.postMessage(execute(request));
  });
}

function execute(request: Exclude<MaintenanceRequest, { kind: 'close' }>): MaintenanceAnswer {
  try {
    if (request.kind === 'finish') finish(request.path, request.spec);
    return { done: request.kind === 'finish' || checkpointFile(request.path) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** Makes a build fit to serve, and durable: a build is written without any regard to power cuts. */
function finish(path: string, spec: LaneSpec): void {
  withLane(path, spec, 'building', (lane) => {
    lane.createIndexes();
  });
  withLane(path, spec, 'serving', (lane) => {
    checkpoint(lane.connection, 'TRUNCATE');
  });
  syncToDisk(path);
  syncToDisk(dirname(path));
}

function withLane(path: string, spec: LaneSpec, mode: LaneFileMode, work: (lane: LaneFile) => void): void {
  const lane = openLaneFile(path, spec, mode);
  try {
    work(lane);
  } finally {
    lane.close();
  }
}

function checkpointFile(path: string): boolean {
  const db = new Database(path, { fileMustExist: true });
  try {
    db.pragma('wal_autocheckpoint = 0');
    return checkpoint(db, 'PASSIVE');
  } finally {
    db.close();
  }
}

if (parentPort) run(parentPort);
