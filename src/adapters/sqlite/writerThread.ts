import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../ports/errors.js';
import type { FromWriter, Outcome, ToWriter, WriterRequest } from './protocol.js';

type Pending = {
  /** Called in commit order, before anybody is told about any request of the group. */
  readonly interpret: (outcome: Outcome) => void;
  readonly tell: () => void;
  readonly fail: (error: Error) => void;
};

const NUMBERS_PER_OUTCOME = 3;

/**
 * The main thread's end of the writer thread. What is submitted in one turn of the event loop travels in one message
 * and is committed in the order of submission: what is durable implies that all that was submitted before it is. When a
 * transaction fails, what was submitted behind it before that was known fails with it.
 */
export class WriterThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #afterGroup: (() => void)[] = [];
  readonly #onEnd: (() => void)[] = [];
  #outbox: WriterRequest[] = [];
  #pending: Pending[] = [];
  #failures = 0;
  #dead: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', resolve)).then(() => {
      this.#die(new StoreUnavailable('the writer thread has ended'));
    });
    worker.on('message', (message: FromWriter) => {
      this.#receive(message);
    });
    worker.on('error', (cause) => {
      this.#die(new StoreUnavailable('the writer thread has failed', { cause }));
    });
  }

  /** @param path of `log.sqlite`, which is made if it is not there. @throws what kept the file from being opened */
  static async open(path: string): Promise<WriterThread> {
    const worker = new Worker(new URL('./writer.worker.js', import.meta.url), { workerData: path });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return new WriterThread(worker);
  }

  /**
   * @param interpret turns the outcome into the answer, or throws; called synchronously in commit order
   * @throws StoreUnavailable if the transaction failed or the thread is gone
   */
  submit<Answer>(request: WriterRequest, interpret: (outcome: Outcome) => Answer): Promise<Answer> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      let settle: () => void;
      this.#pending.push({
        interpret: (outcome) => {
          try {
            const answer = interpret(outcome);
            settle = () => {
              resolve(answer);
            };
          } catch (error) {
            settle = () => {
              reject(error instanceof Error ? error : new Error(String(error)));
            };
          }
        },
        tell: () => {
          settle();
        },
        fail: reject,
      });
      this.#send(request);
    });
  }

  /** Calls back after each group was interpreted and before its submitters are told. */
  afterGroup(listener: () => void): void {
    this.#afterGroup.push(listener);
  }

  /** Calls back when the thread has ended, whether it was closed or failed: no group will come any more. */
  onEnd(listener: () => void): void {
    this.#onEnd.push(listener);
  }

  /** Commits what was submitted, checkpoints and ends the thread. */
  async close(): Promise<void> {
    this.#flush();
    this.#dead ??= new StoreUnavailable('the store is closed');
    this.#worker.postMessage({ kind: 'close' } satisfies ToWriter);
    await this.#exited;
  }

  #send(request: WriterRequest): void {
    this.#outbox.push(request);
    // Runs when the promises that are settled now have gone on, hence after whatever else they submit.
    if (this.#outbox.length === 1)
      process.nextTick(() => {
        this.#flush();
      });
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#worker.postMessage({ kind: 'requests', requests: this.#outbox, failures: this.#failures } satisfies ToWriter);
    this.#outbox = [];
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'failed' || message.kind === 'refused') {
      if (message.kind === 'failed') this.#failures++;
      const failure = new StoreUnavailable(message.message);
      for (const pending of this.#pending.splice(0, message.count)) pending.fail(failure);
    } else if (message.kind === 'outcomes') {
      this.#settle(message.outcomes);
    }
  }

  #settle(outcomes: readonly number[]): void {
    const group = this.#pending.splice(0, outcomes.length / NUMBERS_PER_OUTCOME);
    group.forEach(({ interpret }, index) => {
      const [status = NaN, first = NaN, second = NaN] = outcomes.slice(
        index * NUMBERS_PER_OUTCOME,
        (index + 1) * NUMBERS_PER_OUTCOME,
      );
      interpret({ status, first, second });
    });
    for (const listener of this.#afterGroup) listener();
    for (const { tell } of group) tell();
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { fail } of this.#pending.splice(0)) fail(error);
    for (const listener of this.#onEnd.splice(0)) listener();
  }
}
