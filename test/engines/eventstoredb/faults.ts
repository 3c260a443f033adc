/** What a node may be told to do wrong. */
export type Faults = {
  /** It is a follower: calls that need the leader are sent to another address, or told that nobody leads. */
  notLeader: { readonly host: string; readonly port: number } | 'nobody' | undefined;
  /** It is starting or closing: every call is refused. */
  unavailable: boolean;
  /** Every call is answered so much later. */
  delayMilliseconds: number;
  /** So many appends take their effect, and then the call breaks. */
  answersToLose: number;
  /** So many appends take their effect and are never answered. */
  answersToWithhold: number;
  /** So many subscriptions are never confirmed. */
  confirmationsToWithhold: number;
  /** Which event's position appends are answered with. */
  answeredPosition: 'last' | 'first' | 'none';
};

export const noFaults = (): Faults => ({
  notLeader: undefined,
  unavailable: false,
  delayMilliseconds: 0,
  answersToLose: 0,
  answersToWithhold: 0,
  confirmationsToWithhold: 0,
  answeredPosition: 'last',
});

type Countable = 'answersToLose' | 'answersToWithhold' | 'confirmationsToWithhold';

/** Takes one of the planned faults, if there is one left. */
export function takes(faults: Faults, name: Countable): boolean {
  if (faults[name] === 0) return false;
  faults[name] -= 1;
  return true;
}
