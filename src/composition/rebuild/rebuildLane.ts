import { Worker } from 'node:worker_threads';
import type { Position } from '../../domain/shared/ids.js';
import type { RebuildMessage, RebuildTask } from './protocol.js';

/** Runs a rebuild on a thread of its own. @throws what made it fail */
export function rebuildLane(task: RebuildTask, progressed: (position: Position) => void): Promise<void> {
  const worker = new Worker(new URL('./rebuild.worker.js', import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    let done = false;
    worker.on('message', (message: RebuildMessage) => {
      if (message.kind === 'progress') progressed(message.position);
      else done = true;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (done) resolve();
      else reject(new Error(`the rebuild of ${task.projection} ended before it was done`));
    });
  });
}
