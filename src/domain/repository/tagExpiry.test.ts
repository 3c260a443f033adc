import { describe, it } from '@jest/globals';
import { at, specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  EARLIER,
  inSeconds,
  NOW,
  pushed,
  repositoryCreated,
  stateChanged,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import { millisecondsOf, plusSeconds, timestamp, type Timestamp } from '../shared/time.js';
import { ExpirationInvalid, RepositoryNotWritable, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import type { Repository } from './state.js';
import { decideChangeTagExpiration } from './tagExpiry.js';

const given = specification(repositoryAggregate);
const A = digestNumber(1);
const HOUR = 3_600;
const DAY = 86_400;
const lifetimes = { minimumSeconds: HOUR, maximumSeconds: 30 * DAY };

/** An hour and a bit before now, not on a whole second. */
const START = timestamp(millisecondsOf(NOW) - 2 * HOUR * 1000 + 250);
const tagged = [repositoryCreated(), pushed(A), at(START, tagMoved('latest', A))] as const;

const change = (expiration: number | null) => (state: Repository) =>
  decideChangeTagExpiration({ now: NOW, tag: 'latest', expiration, lifetimes }, state);
const epoch = (moment: Timestamp): number => Math.floor(millisecondsOf(moment) / 1000);
const endsAt = (end: Timestamp | null): RepositoryEvent => ({
  type: 'TagExpirySet',
  data: { tag: 'latest', digest: A, end },
});

describe('what somebody wants a tag to end at', () => {
  it('is taken to the second', () => {
    given(...tagged)
      .when(change(epoch(inSeconds(DAY))))
      .then(endsAt(timestamp(millisecondsOf(inSeconds(DAY)) + 250)));
  });

  it('is moved to the shortest life that is allowed', () => {
    const young = timestamp(millisecondsOf(NOW) - 10_000);
    given(repositoryCreated(), pushed(A), at(young, tagMoved('latest', A)))
      .when(change(epoch(inSeconds(60))))
      .then(endsAt(plusSeconds(young, HOUR)));
  });

  it('is moved to the longest life that is allowed', () => {
    given(...tagged)
      .when(change(epoch(inSeconds(365 * DAY))))
      .then(endsAt(plusSeconds(START, 30 * DAY)));
  });

  it('can be never', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: inSeconds(60) }))
      .when(change(null))
      .then(endsAt(null));
  });

  it('is told although it is what it was, but for a tag that never ended', () => {
    const end = timestamp(millisecondsOf(inSeconds(DAY)) + 250);
    given(...tagged, endsAt(end))
      .when(change(epoch(inSeconds(DAY))))
      .then(endsAt(end));
    given(...tagged)
      .when(change(null))
      .then();
  });

  it.each([
    ['now', epoch(NOW)],
    ['in the past', epoch(NOW) - 1],
    ['no moment of any calendar', 1e300],
  ])('is refused when it is %s', (_, expiration) => {
    given(...tagged)
      .when(change(expiration))
      .thenRefused(ExpirationInvalid);
  });

  it('is refused for a tag that is not alive, and where only reading is possible', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: EARLIER }))
      .when(change(null))
      .thenRefused(TagUnknown);
    given(...tagged, stateChanged('READ_ONLY'))
      .when(change(null))
      .thenRefused(RepositoryNotWritable);
  });
});
