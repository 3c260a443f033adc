import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import type { OperationalWrite } from '../ports/operationalStore.js';

/**
 * Keeps a blob from being collected for a repository's sake. `readable`: it was uploaded or mounted there, which is the
 * repository's time-limited right to read it before a manifest names it; otherwise somebody is about to name it.
 */
export type HoldRecord = { readonly until: Timestamp; readonly readable: boolean };

export const HOLDS = 'holds';
/** A hold that lasts this much longer needs no renewal: a push takes less, and so does a collector's grace. */
export const FRESH_SECONDS = 600;

export const holdKey = (repositoryId: RepositoryId, digest: Digest): string => `${repositoryId}/${digest}`;

export const givesRight = ({ until, readable }: HoldRecord, now: Timestamp): boolean => readable && isAlive(until, now);

/** A hold may stand before what it holds; what tells that a storing has ended may not. */
export const inTurn = (
  also: readonly OperationalWrite[],
): { readonly early: readonly OperationalWrite[]; readonly late: readonly OperationalWrite[] } => ({
  early: also.filter(({ collection }) => collection === HOLDS),
  late: also.filter(({ collection }) => collection !== HOLDS),
});
