import { decideClaim, decideRelease, nameAggregate, NameTaken } from '../domain/names/name.js';
import type { StreamName } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import type { Streams } from './streams.js';

/**
 * Whether an owner still bears a name. Who does not is barred from it by an event in his own stream before this answers
 * false (`CreationAbandoned`, `NameClaimLapsed`), so that a slow creator cannot come into a name that is someone else's.
 */
export type BearsName = (owner: StreamName) => Promise<boolean>;

/** Claims a name for a stream, taking over a claim whose owner does not bear it. @throws NameTaken */
export async function claimName(
  streams: Streams,
  context: CommandContext,
  claim: {
    readonly stream: StreamName;
    readonly name: string;
    readonly claimant: StreamName;
    readonly bears: BearsName;
  },
): Promise<void> {
  const { stream, name, claimant, bears } = claim;
  let lapsed: StreamName | null = null;
  for (;;) {
    try {
      const command = { name, claimant, void: lapsed };
      await streams.decide(nameAggregate, stream, context, (state) => decideClaim(command, state));
      return;
    } catch (error) {
      if (!(error instanceof NameTaken) || error.owner === lapsed || (await bears(error.owner))) throw error;
      lapsed = error.owner;
    }
  }
}

export const releaseName = async (
  streams: Streams,
  context: CommandContext,
  { stream, owner }: { readonly stream: StreamName; readonly owner: StreamName },
): Promise<void> => {
  await streams.decide(nameAggregate, stream, context, (state) => decideRelease(owner, state));
};

/** Between a claim and the creation lies one append; who has not made it by then has most likely died. */
const CREATION_PATIENCE_MILLISECONDS = 500;

/** Gives a creator who is on his way the time to arrive. */
export async function waitForCreation(arrived: () => Promise<boolean>): Promise<void> {
  for (let waited = 0, pause = 10; waited < CREATION_PATIENCE_MILLISECONDS; waited += pause, pause *= 2) {
    if (await arrived()) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
