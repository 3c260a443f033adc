import { setTimeout as pause } from 'node:timers/promises';

/** How often, and how long, something that fails is tried again. */
export type Patience = {
  /** Failures after which it is given up. */
  readonly attempts: number;
  /** In milliseconds; doubled with each further one. */
  readonly firstPause: number;
  readonly longestPause: number;
};

/** Milliseconds to wait after so many failures. */
export const pauseAfter = (failures: number, { firstPause, longestPause }: Omit<Patience, 'attempts'>): number =>
  Math.min(longestPause, firstPause * 2 ** (failures - 1));

/**
 * Does something until it succeeds, with growing pauses.
 *
 * @returns false if the signal came first
 */
export async function insist(
  work: () => Promise<void>,
  options: {
    readonly signal: AbortSignal;
    readonly patience: Omit<Patience, 'attempts'>;
    readonly failed: (error: unknown) => void;
    /** What no repetition mends is thrown. */
    readonly isFinal?: (error: unknown) => boolean;
  },
): Promise<boolean> {
  const { signal, patience, failed, isFinal } = options;
  for (let failures = 0; !signal.aborted;) {
    try {
      await work();
      return true;
    } catch (error) {
      if (isFinal?.(error) === true) throw error;
      failed(error);
      await interruptible(pauseAfter(++failures, patience), signal);
    }
  }
  return false;
}

/** Waits, but not beyond the signal. */
export async function interruptible(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
