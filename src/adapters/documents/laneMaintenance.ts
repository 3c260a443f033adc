import { Worker } from 'node:worker_threads';
import type { LaneSpec } from '../../ports/documentStore.js';
import { StoreUnavailable } from '../../ports/errors.js';

export type MaintenanceRequest =
  | { readonly kind: 'checkpoint'; readonly path: string }
  | { readonly kind: 'finish'; readonly path: string; readonly spec: LaneSpec }
  | { readonly kind: 'close' };

/** Answers come in the order of the requests. */
export type MaintenanceAnswer = { readonly done: boolean } | { readonly failed: string };

type Pending = { readonly resolve: (done: boolean) => void; readonly reject: (error: Error) => void };

/** The main thread's end of the thread that checkpoints and finishes lane files. It is started when first needed. */
export class LaneMaintenance {
  readonly #pending: Pending[] = [];
  #worker: Worker | undefined;
  #exited: Promise<void> = Promise.resolve();

  /** Moves a file's write-ahead log into the file as far as readers allow. @returns whether all of it was moved */
  checkpoint(path: string): Promise<boolean> {
    return this.#submit({ kind: 'checkpoint', path });
  }

  /** Makes a build's missing indexes, and everything in it durable. Nobody else may have the file open. */
  async finish(path: string, spec: LaneSpec): Promise<void> {
    const { projection, version, collections } = spec;
    const plain = collections.map(({ name, indexes }) => ({ name, indexes }));
    await this.#submit({ kind: 'finish', path, spec: { projection, version, collections: plain } });
  }

  async close(): Promise<void> {
    this.#worker?.postMessage({ kind: 'close' } satisfies MaintenanceRequest);
    await this.#exited;
  }

  #submit(request: MaintenanceRequest): Promise<boolean> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./laneMaintenance.worker.js', import.meta.url));
    worker.on('message', (answer: MaintenanceAnswer) => {
      const pending = this.#pending.shift();
      if ('failed' in answer) pending?.reject(new StoreUnavailable(answer.failed));
      else pending?.resolve(answer.done);
    });
    worker.on('error', (cause) => {
      this.#fail(new StoreUnavailable('the thread that maintains read models has failed', { cause }));
    });
    this.#exited = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        this.#worker = undefined;
        this.#fail(new StoreUnavailable('the thread that maintains read models has ended'));
        resolve();
      });
    });
    return worker;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}
