import type { Log } from '../telemetry/log.js';

/** Something that is open, and how it ends. */
export type Step = { readonly what: string; readonly end: () => unknown };

export type EndingOptions = {
  readonly log: Pick<Log, 'error'>;
  /**
   * How long one of them may take, and all together, in milliseconds; absent: for ever. Those that are left after that are
   * told to end as well, and have a second each.
   */
  readonly limits?: { readonly each: number; readonly all: number };
};

/** What still comes after the time for all is over is waited for so long: most of it ends at once. */
const LEAST_MILLISECONDS = 1_000;

/**
 * Ends one after the other, whatever becomes of those before it. What failed, or did not end in time, is logged.
 *
 * @returns what that was
 */
export async function endAll(steps: readonly Step[], { log, limits }: EndingOptions): Promise<readonly string[]> {
  const begun = performance.now();
  const left: string[] = [];
  for (const { what, end } of steps) {
    const remaining = limits && Math.min(limits.each, begun + limits.all - performance.now());
    try {
      await within(remaining && Math.max(remaining, LEAST_MILLISECONDS), end);
    } catch (error) {
      log.error({ err: error, what }, 'could not be ended cleanly');
      left.push(what);
    }
  }
  return left;
}

async function within(milliseconds: number | undefined, end: () => unknown): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer =
    milliseconds === undefined
      ? undefined
      : setTimeout(() => {
          reject(new Error(`did not end within ${Math.round(milliseconds / 1000)} s`));
        }, milliseconds);
  try {
    await Promise.race([end(), late]);
  } finally {
    clearTimeout(timer);
  }
}
