import { Worker } from 'node:worker_threads';
import type { Position } from '../../domain/shared/ids.js';
import type { RebuildMessage, RebuildTask } from './protocol.js';

/** Runs a rebuild on a thread of its own, which the signal ends. @throws what made it fail, or the signal's reason */
export async function rebuildLane(
  task: RebuildTask,
  progressed: (position: Position) => void,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./rebuild.worker.js', import.meta.url), { workerData: task });
  const end = (): void => {
    void worker.terminate();
  };
  signal?.addEventListener('abort', end, { once: true });
  const ended = new Promise<void>((resolve, reject) => {
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
  try {
    await ended;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}
