/**
 * Waits for work no longer than that, whatever it is that the work waits for.
 *
 * @param begin is told by the signal when nobody waits any more
 * @throws Error if it takes longer
 */
export async function within<Result>(
  milliseconds: number,
  begin: (late: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const patience = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${milliseconds / 1000} s`);
    reject(error);
    patience.abort(error);
  }, milliseconds);
  try {
    return await Promise.race([begin(patience.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
