/**
 * Takes batches as they come while the consumer is busy with those before, and gives him together what has come.
 *
 * @param subscribe ends when its signal aborts
 * @param limit no more batches are taken while so many items wait
 */
export async function* gathered<Item>(
  subscribe: (signal: AbortSignal) => AsyncIterable<readonly Item[]>,
  signal: AbortSignal,
  limit: number,
): AsyncGenerator<readonly Item[], void, undefined> {
  const leaving = new AbortController();
  const either = AbortSignal.any([signal, leaving.signal]);
  let waiting: Item[] = [];
  let taken = Promise.withResolvers<undefined>();
  let came = Promise.withResolvers<undefined>();
  const source = { isOver: false };
  const take = async (): Promise<void> => {
    for await (const batch of subscribe(either)) {
      waiting.push(...batch);
      came.resolve(undefined);
      while (waiting.length >= limit && !either.aborted) await taken.promise;
      if (either.aborted) return;
    }
  };
  const taking = take().finally(() => {
    source.isOver = true;
    came.resolve(undefined);
  });
  // Thrown where it is waited for, below.
  taking.catch(() => undefined);
  try {
    while (!either.aborted) {
      await came.promise;
      if (hasAborted(either)) break;
      came = Promise.withResolvers();
      const batch = waiting;
      waiting = [];
      taken.resolve(undefined);
      taken = Promise.withResolvers();
      if (batch.length > 0) yield batch;
      else if (source.isOver) break;
      if (source.isOver) came.resolve(undefined);
    }
  } finally {
    leaving.abort();
    taken.resolve(undefined);
  }
  await taking;
}

/** Asked anew: the compiler believes that it stays as it was before an `await`. */
const hasAborted = ({ aborted }: AbortSignal): boolean => aborted;
