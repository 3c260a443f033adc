/** Requests of one call that travel at the same time. */
const AT_A_TIME = 16;

/**
 * Does something with each, some of them at a time; after the first failure none is begun any more.
 *
 * @param all one that is asynchronous may be asked for several at once, as generators may
 * @throws the first failure, its own included, once all that was begun has ended
 */
export async function sideBySide<T>(
  all: Iterable<T> | AsyncIterable<T>,
  work: (one: T) => Promise<unknown>,
  atATime = AT_A_TIME,
): Promise<void> {
  const left = Symbol.asyncIterator in all ? all[Symbol.asyncIterator]() : all[Symbol.iterator]();
  const failures: unknown[] = [];
  const hasFailed = (): boolean => failures.length > 0;
  const worker = async (): Promise<void> => {
    while (!hasFailed()) {
      try {
        const next = await left.next();
        // One that was waited for may come after another's failure.
        if (next.done === true || hasFailed()) return;
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (hasFailed()) throw failures[0];
}
