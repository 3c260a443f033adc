import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { LogWriter } from './logWriter.js';
import type { FromWriter, Outcome, ToWriter, WriterRequest } from './protocol.js';

/** Keeps one transaction, and with it the wait of whoever comes next, short. */
const LARGEST_GROUP = 512;
/** The write-ahead log is checkpointed when nobody has asked for anything for a while … */
const IDLE_MILLISECONDS = 20;
const IDLE_PAGES = 256;
/** … and at the latest at this size: 8 MiB, some milliseconds of work. */
const BUSY_PAGES = 2048;

/**
 * The writer thread. While it commits, messages pile up in its port; it takes all that are there and commits them
 * together (group commit): under load the cost of one fsync is shared, and without load nobody waits for company.
 */
function run(port: MessagePort, path: string): void {
  const log = new LogWriter(path);
  let idle: NodeJS.Timeout | undefined;
  let failures = 0;
  let failure = '';
  const tell = (message: FromWriter): void => {
    port.postMessage(message);
  };

  /** Commits the requests in groups; if one fails, so do all behind it, which counted on it. */
  const commit = (requests: readonly WriterRequest[]): void => {
    for (let start = 0; start < requests.length; start += LARGEST_GROUP) {
      try {
        tell({ kind: 'outcomes', outcomes: log.commit(requests.slice(start, start + LARGEST_GROUP)).flatMap(numbers) });
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        failures++;
        tell({ kind: 'failed', count: requests.length - start, message: failure });
        return;
      }
      if (log.pagesInLog > BUSY_PAGES) checkpoint();
    }
  };

  const checkpoint = (): void => {
    try {
      log.checkpoint();
    } catch {
      // Tried again after the next commit; an engine that is really broken will refuse the commit too.
    }
  };

  const close = (): void => {
    log.close();
    port.close();
  };

  port.on('message', (first: ToWriter) => {
    clearTimeout(idle);
    const { batches, closing } = drain(port, first);
    const late = batches.filter((batch) => batch.failures < failures).flatMap(({ requests }) => requests).length;
    if (late > 0) tell({ kind: 'refused', count: late, message: failure });
    commit(batches.filter((batch) => batch.failures === failures).flatMap(({ requests }) => requests));
    if (closing) close();
    else if (log.pagesInLog > IDLE_PAGES) idle = setTimeout(checkpoint, IDLE_MILLISECONDS);
  });
  tell({ kind: 'ready' });
}

type Batch = Extract<ToWriter, { kind: 'requests' }>;

/** All messages that have arrived. */
function drain(port: MessagePort, first: ToWriter): { batches: readonly Batch[]; closing: boolean } {
  const batches: Batch[] = [];
  let message: ToWriter | undefined = first;
  while (message?.kind === 'requests') {
    batches.push(message);
    message = receive(port);
  }
  return { batches, closing: message?.kind === 'close' };
}

/** Only `WriterThread` posts to this port. */
const receive = (port: MessagePort): ToWriter | undefined =>
  (receiveMessageOnPort(port) as { readonly message: ToWriter } | undefined)?.message;

const numbers = ({ status, first, second }: Outcome): readonly number[] => [status, first, second];

if (parentPort) run(parentPort, String(workerData));
