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
  const tell = (message: FromWriter): void => {
    port.postMessage(message);
  };

  const commit = (group: readonly WriterRequest[]): void => {
    try {
      tell({ kind: 'outcomes', outcomes: log.commit(group).flatMap(numbers) });
    } catch (error) {
      tell({ kind: 'failed', count: group.length, message: error instanceof Error ? error.message : String(error) });
    }
    if (log.pagesInLog > BUSY_PAGES) checkpoint();
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
    const { requests, closing } = drain(port, first);
    for (let start = 0; start < requests.length; start += LARGEST_GROUP) {
      commit(requests.slice(start, start + LARGEST_GROUP));
    }
    if (closing) close();
    else if (log.pagesInLog > IDLE_PAGES) idle = setTimeout(checkpoint, IDLE_MILLISECONDS);
  });
  tell({ kind: 'ready' });
}

/** The requests of all messages that have arrived. */
function drain(port: MessagePort, first: ToWriter): { requests: readonly WriterRequest[]; closing: boolean } {
  const requests: WriterRequest[] = [];
  let message: ToWriter | undefined = first;
  while (message?.kind === 'requests') {
    for (const request of message.requests) requests.push(request);
    message = receive(port);
  }
  return { requests, closing: message?.kind === 'close' };
}

/** Only `WriterThread` posts to this port. */
const receive = (port: MessagePort): ToWriter | undefined =>
  (receiveMessageOnPort(port) as { readonly message: ToWriter } | undefined)?.message;

const numbers = ({ status, first, second }: Outcome): readonly number[] => [status, first, second];

if (parentPort) run(parentPort, String(workerData));
