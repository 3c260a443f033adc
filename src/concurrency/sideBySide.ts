/** Requests of one call that travel at the same time. */
const AT_A_TIME = 16;

/**
 * Does something with each, some of them at a time; after the first failure none is begun any more.
 *
 * @throws the first failure, once all that was begun has ended
 */
export async function sideBySide<T>(
  all: Iterable<T>,
  work: (one: T) => Promise<unknown>,
  atATime = AT_A_TIME,
): Promise<void> {
  const left = all[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = left.next();
      if (next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (failures.length > 0) throw failures[0];
}
