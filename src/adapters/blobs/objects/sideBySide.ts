/** Requests of one call that travel at the same time. */
const AT_A_TIME = 16;

/** Does something with each, some of them at a time; the first failure ends it, once all that was begun has ended. */
export async function sideBySide<T>(
  all: Iterable<T>,
  work: (one: T) => Promise<unknown>,
  atATime = AT_A_TIME,
): Promise<void> {
  const left = all[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true && !failed; next = left.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atATime }, worker));
  const failure = ended.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
}
