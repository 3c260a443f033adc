import { may } from '../../../domain/access.js';
import type { Digest } from '../../../domain/shared/digest.js';
import { plusSeconds, timestamp, type Timestamp } from '../../../domain/shared/time.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';
import { InvalidRequest } from '../framework/problems.js';
import { textParameter } from '../framework/query.js';

/** RFC 3339 section 5.6; the space in place of `T` that it allows is taken as well. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** How far a moment must lie back, so that no clock of ours can still call it the future (design section 7). */
const SKEW_SECONDS = 5;

export const momentParameter = textParameter(
  'As it was at this moment (RFC 3339), at least 5 seconds ago and within the time machine of the namespace.',
);

/**
 * What may be seen of the past: the caller's present rights count, and what no living tag leads to today is for those
 * who may write (design section 7).
 *
 * @throws InvalidRequest for what is no moment, or none that can be shown
 */
export async function pastOf(
  { directory, queries }: Pick<Api, 'directory' | 'queries'>,
  { subject, now }: Incoming,
  found: FoundRepository,
  text: string,
): Promise<{ readonly moment: Timestamp; readonly shows: (digest: Digest) => Promise<boolean> }> {
  const moment = momentIn(text, now, found.namespace.timeMachineSeconds);
  const there = await directory.repositoryFacts(subject.caller, found);
  if (may(subject, { on: 'repository', to: 'write', there }, directory.policy))
    return { moment, shows: () => Promise.resolve(true) };
  const { id } = found.repository;
  return { moment, shows: async (digest) => (await queries.manifests.reachable(id, digest, now)) !== undefined };
}

function momentIn(text: string, now: Timestamp, windowSeconds: number): Timestamp {
  const milliseconds = RFC_3339.test(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new InvalidRequest('at must be a moment as RFC 3339 has it, for example 2026-06-18T18:59:13Z');
  const moment = timestamp(milliseconds);
  if (moment > plusSeconds(now, -SKEW_SECONDS))
    throw new InvalidRequest(`at must lie at least ${SKEW_SECONDS} seconds back`);
  if (moment < plusSeconds(now, -windowSeconds))
    throw new InvalidRequest(
      `at lies outside the time machine of the namespace, which goes back ${windowSeconds} seconds`,
    );
  return moment;
}
