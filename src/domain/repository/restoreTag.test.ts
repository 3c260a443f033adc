import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  EARLIER,
  expiresAfter,
  image,
  index,
  inSeconds,
  manifestDeleted,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  stateChanged,
  tagDeleted,
  tagExpired,
  tagMoved,
  tagRestored,
} from '../../../test/support/repositoryEvents.js';
import { hexOf, type Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import { ManifestUnknown, RepositoryNotWritable, RepositoryUnknown, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { decideRestoreTag } from './restoreTag.js';
import { decideSetTagExpiry } from './tagExpiry.js';
import { active, isVisible, liveTag, type Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, B, ONE, OTHER, NESTED] = [
  digestNumber(1),
  digestNumber(2),
  digestNumber(3),
  digestNumber(4),
  digestNumber(5),
];

const restore = (tag: string, digest: Digest) => (state: Repository) =>
  decideRestoreTag({ now: NOW, tag, digest }, state);

describe('restoring a tag', () => {
  it('points it back where it was', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagDeleted('latest', A))
      .when(restore('latest', A))
      .then(tagRestored('latest', A));
  });

  it('tells from where it took the tag', () => {
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('latest', A), tagMoved('latest', B, { previous: A }))
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { previous: B }));
  });

  it('ends the tag when a label of its manifest says so', () => {
    given(repositoryCreated(), pushed(A, image({ labels: expiresAfter('1h') })))
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { end: inSeconds(3_600) }));
  });

  it('takes the signatures of what loses its last tag with it', () => {
    const signature = `sha256-${hexOf(B)}.sig`;
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('latest', B), tagMoved(signature, A))
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { previous: B }), tagDeleted(signature, A));
  });

  it('brings a deleted manifest back with it', () => {
    given(repositoryCreated(), pushedAndHeld(A, null), manifestDeleted(A))
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { revived: [A] }));
  });

  it('brings deleted children of an index back, at any depth, each once', () => {
    given(
      repositoryCreated(),
      ...[pushed(ONE), pushed(OTHER), pushed(NESTED, index([ONE])), pushed(A, index([NESTED, ONE, OTHER, ONE]))],
      ...[manifestDeleted(A), manifestDeleted(NESTED), manifestDeleted(ONE)],
    )
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { revived: [A, NESTED, ONE] }));
  });

  it('leaves alone what was not deleted', () => {
    given(repositoryCreated(), pushed(ONE), pushed(A, index([ONE])), manifestDeleted(ONE))
      .when(restore('latest', A))
      .then(tagRestored('latest', A, { revived: [ONE] }));
  });

  it('does without children that were never here', () => {
    given(repositoryCreated(), pushed(A, index([ONE])))
      .when(restore('latest', A))
      .then(tagRestored('latest', A));
  });

  it('makes the index and its children readable again', () => {
    const events = [
      ...[repositoryCreated(), pushed(ONE), pushed(A, index([ONE])), tagMoved('multi', A)],
      ...[tagDeleted('multi', A), manifestDeleted(A), manifestDeleted(ONE)],
    ];
    const state = active(fold([...events, ...restore('multi', A)(fold(events))]));
    expect(isVisible(state, A, NOW)).toBe(true);
    expect(isVisible(state, ONE, NOW)).toBe(true);
    expect(liveTag(state, 'multi', NOW)).toMatchObject({ digest: A, end: null });
  });

  it('looks at each index once, however many ways lead to it', () => {
    const LEVELS = 40;
    const digests = Array.from({ length: 2 * LEVELS }, (_, number) => digestNumber(100 + number));
    const ladder = digests.flatMap((digest, number): RepositoryEvent[] => {
      const below = digests.slice(2 * Math.floor(number / 2) - 2, 2 * Math.floor(number / 2));
      return [pushed(digest, index(below)), manifestDeleted(digest)];
    });
    const top = digests.at(-1);
    if (top === undefined) throw new Error('the ladder has a top');
    const [restored] = restore('top', top)(fold([repositoryCreated(), ...ladder]));
    expect(new Set(restored?.type === 'TagRestored' ? restored.data.revived : [])).toEqual(
      new Set(digests.slice(0, -2).concat(top)),
    );
  });

  it('is refused for a manifest that the repository never had', () => {
    given(repositoryCreated()).when(restore('latest', A)).thenRefused(ManifestUnknown, { reference: A });
  });

  it('is refused where only reading is possible, or nothing is there', () => {
    given(repositoryCreated(), pushed(A), stateChanged('READ_ONLY'))
      .when(restore('latest', A))
      .thenRefused(RepositoryNotWritable);
    given().when(restore('latest', A)).thenRefused(RepositoryUnknown);
  });
});

describe('setting the end of a tag', () => {
  const setEnd = (end: Timestamp | null) => (state: Repository) =>
    decideSetTagExpiry({ now: NOW, tag: 'latest', end }, state);
  const expirySet = (end: Timestamp | null): RepositoryEvent => ({
    type: 'TagExpirySet',
    data: { tag: 'latest', digest: A, end },
  });

  it.each<[string, Timestamp | null]>([
    ['a later moment', inSeconds(60)],
    ['an earlier moment, so that it vanishes at once', EARLIER],
    ['never', null],
  ])('takes %s', (_, end) => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: inSeconds(10) }))
      .when(setEnd(end))
      .then(expirySet(end));
  });

  it('is refused for a tag that is not alive', () => {
    given(repositoryCreated()).when(setEnd(null)).thenRefused(TagUnknown, { tag: 'latest' });
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: EARLIER }))
      .when(setEnd(null))
      .thenRefused(TagUnknown);
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagExpired('latest', A))
      .when(setEnd(null))
      .thenRefused(TagUnknown);
  });

  it('is refused where only reading is possible', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), stateChanged('READ_ONLY'))
      .when(setEnd(null))
      .thenRefused(RepositoryNotWritable, { state: 'READ_ONLY' });
  });
});

const fold = (events: readonly RepositoryEvent[]): Repository =>
  events.reduce<Repository>(
    (state, event) => repositoryAggregate.evolve(state, { ...event, at: LONG_AGO }),
    repositoryAggregate.initial(),
  );
