import { describe, expect, it } from '@jest/globals';
import { gathered } from './gathered.js';

/** A source that gives what it is told to, and knows how much was taken from it. */
class Source {
  readonly #queue: (readonly number[] | Error | 'end')[] = [];
  #wake = Promise.withResolvers<undefined>();
  taken = 0;

  give(...batches: (readonly number[] | Error | 'end')[]): void {
    this.#queue.push(...batches);
    this.#wake.resolve(undefined);
  }

  readonly subscribe = async function* (this: Source, signal: AbortSignal): AsyncGenerator<readonly number[]> {
    signal.addEventListener('abort', () => {
      this.#wake.resolve(undefined);
    });
    for (; !signal.aborted; await this.#wake.promise, this.#wake = Promise.withResolvers()) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        if (next === 'end') return;
        if (next instanceof Error) throw next;
        this.taken++;
        yield next;
      }
    }
  }.bind(this);
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

const never = new AbortController().signal;

describe('gathered batches', () => {
  it('are what came while the consumer was busy', async () => {
    const source = new Source();
    const batches = gathered(source.subscribe, never, 100);
    source.give([1]);
    expect((await batches.next()).value).toEqual([1]);
    source.give([2], [3, 4], [5]);
    await turns();
    expect((await batches.next()).value).toEqual([2, 3, 4, 5]);
    const waiting = batches.next();
    source.give([6]);
    expect((await waiting).value).toEqual([6]);
    await batches.return();
  });

  it('are not taken beyond the limit', async () => {
    const source = new Source();
    const batches = gathered(source.subscribe, never, 2);
    source.give([1], [2], [3], [4], [5]);
    expect((await batches.next()).value).toEqual([1]);
    await turns();
    expect(source.taken).toBe(3);
    expect((await batches.next()).value).toEqual([2, 3]);
    await turns();
    expect((await batches.next()).value).toEqual([4, 5]);
    await batches.return();
  });

  it('come before the end and before the failure of their source', async () => {
    for (const end of ['end', new Error('away')] as const) {
      const source = new Source();
      source.give([1], [2], end);
      const batches = gathered(source.subscribe, never, 100);
      const given: number[] = [];
      const reading = (async (): Promise<void> => {
        for await (const batch of batches) given.push(...batch);
      })();
      await (end === 'end' ? reading : expect(reading).rejects.toBe(end));
      expect(given).toEqual([1, 2]);
    }
  });

  it('end when the signal aborts, also while nothing comes', async () => {
    const source = new Source();
    const stopping = new AbortController();
    const batches = gathered(source.subscribe, stopping.signal, 100);
    const waiting = batches.next();
    stopping.abort();
    expect(await waiting).toMatchObject({ done: true });
  });
});
