import { insist, reasonOf, type Patience } from '../../concurrency/patience.js';
import { PermanentFailure } from '../../ports/eventBus.js';
import { StoreUnavailable } from '../../ports/errors.js';

/** Nine pauses, about three minutes. */
export const PATIENCE: Patience = { attempts: 10, firstPause: 500, longestPause: 60_000 };

/** Why an event is a dead letter. */
export type Death = { readonly reason: string; readonly attempts: number };

export type Delivery = {
  readonly handle: () => Promise<void>;
  /** Failures that no repetition mends, beside `PermanentFailure`. */
  readonly isHopeless?: (error: unknown) => boolean;
  /** Keeps the event and the reason where people find it. */
  readonly bury: (death: Death) => Promise<void>;
  /** Ends the trying again; what has begun is not interrupted. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Told of each failure, of handling and of burying. */
  readonly failed: (error: unknown, failures: number) => void;
};

/**
 * Hands an event over until it had its effect or is buried. What is away is waited for without end.
 *
 * @returns whether the event is done with; false if the signal came first
 */
export async function deliver({ handle, isHopeless, bury, signal, patience, failed }: Delivery): Promise<boolean> {
  let failures = 0;
  let death: Death | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await handle();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) failures++;
      const isFinal = error instanceof PermanentFailure || isHopeless?.(error) === true;
      if (!isFinal && (failures < patience.attempts || error instanceof StoreUnavailable)) throw error;
      failed(error, failures);
      death = { reason: reasonOf(error), attempts: failures };
    }
  };
  const tried = await insist(attempt, {
    signal,
    patience,
    failed: (error) => {
      failed(error, failures);
    },
  });
  if (!tried || !death) return tried;
  const dead = death;
  return insist(() => bury(dead), {
    signal,
    patience,
    failed: (error) => {
      failed(error, failures);
    },
  });
}
