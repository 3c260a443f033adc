/** Time that only goes forward, whatever is done to the machine's clock: for measuring, never for telling the hour. */
export interface MonotonicTime {
  /** In milliseconds, since a moment that means nothing. */
  now(): number;
  /** @returns how to call it off */
  after(milliseconds: number, run: () => void): () => void;
}

export const monotonicTime: MonotonicTime = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Resolves when the time is over or the signal aborts, whichever is first. */
export function waitFor(time: MonotonicTime, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = time.after(milliseconds, done);
    signal.addEventListener('abort', done);
  });
}
