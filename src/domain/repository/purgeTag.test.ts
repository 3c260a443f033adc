import { describe, expect, it } from '@jest/globals';
import { at, specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  image,
  index,
  inSeconds,
  manifestsPurged,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  stateChanged,
  tagDeleted,
  tagMoved,
  tagPurged,
} from '../../../test/support/repositoryEvents.js';
import type { Digest } from '../shared/digest.js';
import { ManifestUnknown, RepositoryUnknown, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { decidePurgeTag, type PurgeTag } from './purgeTag.js';
import { decidePushManifest } from './push.js';
import { decideRestoreTag } from './restoreTag.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, B, LIST] = [digestNumber(1), digestNumber(2), digestNumber(3)];
const WINDOW = 1_000;
const since = inSeconds(-WINDOW);
const recently = inSeconds(-10);

const purge =
  (digest: Digest | null, changes: Partial<PurgeTag> = {}) =>
  (state: Repository) =>
    decidePurgeTag(
      { now: NOW, tag: 'latest', digest, windowSeconds: WINDOW, releaseChildren: false, ...changes },
      state,
    );

describe('deleting a living tag past the time machine', () => {
  it('takes it, and the manifest that nothing else leads to', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A))
      .when(purge(null))
      .then(tagPurged('latest', A, { alive: true, since }), manifestsPurged(A));
  });

  it.each<[string, RepositoryEvent[]]>([
    ['another tag', [tagMoved('v1', A)]],
    ['an index', [pushed(LIST, index([A])), tagMoved('multi', LIST)]],
    ['the time that a push by digest gave it', [pushedAndHeld(A, inSeconds(60))]],
  ])('leaves the manifest to %s', (_, events) => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), ...events)
      .when(purge(null))
      .then(tagPurged('latest', A, { alive: true, since }));
  });

  it('leaves the manifest to a tag that can be brought back', () => {
    given(
      ...[repositoryCreated(), pushed(A), tagMoved('latest', A), tagMoved('v1', A)],
      at(recently, tagDeleted('v1', A)),
    )
      .when(purge(null))
      .then(tagPurged('latest', A, { alive: true, since }));
  });

  it('does not leave it to a tag that is out of the window', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagMoved('v1', A), tagDeleted('v1', A))
      .when(purge(null))
      .then(tagPurged('latest', A, { alive: true, since }), manifestsPurged(A));
  });

  it('takes the children of an index with it, but for those that something else leads to', () => {
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('v1', B), pushed(LIST, index([A, B])))
      .when((state) => purge(null)(repositoryAggregate.evolve(state, at(recently, tagMoved('latest', LIST)))))
      .then(tagPurged('latest', LIST, { alive: true, since }), manifestsPurged(LIST, A));
  });

  it('leaves children the time that their push gave them, unless the instance takes it', () => {
    const events = [pushedAndHeld(A, inSeconds(60)), pushed(LIST, index([A])), tagMoved('latest', LIST)];
    const purged = tagPurged('latest', LIST, { alive: true, since });
    given(repositoryCreated(), ...events)
      .when(purge(null))
      .then(purged, manifestsPurged(LIST));
    given(repositoryCreated(), ...events)
      .when(purge(null, { releaseChildren: true }))
      .then(purged, manifestsPurged(LIST, A));
  });

  it('is possible in every state of the repository', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), stateChanged('READ_ONLY'))
      .when(purge(null))
      .then(tagPurged('latest', A, { alive: true, since }), manifestsPurged(A));
  });

  it('is refused for a tag that is not alive', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagDeleted('latest', A))
      .when(purge(null))
      .thenRefused(TagUnknown);
    given().when(purge(null)).thenRefused(RepositoryUnknown);
  });
});

describe('deleting what a tag was past the time machine', () => {
  const events = [repositoryCreated(), pushed(A), tagMoved('latest', A)] as const;

  it('takes what was deleted within the window', () => {
    given(...events, at(recently, tagDeleted('latest', A)))
      .when(purge(A))
      .then(tagPurged('latest', A, { since }), manifestsPurged(A));
  });

  it('takes what it was moved away from', () => {
    given(...events, pushed(B), at(recently, tagMoved('latest', B, { previous: A })))
      .when(purge(A))
      .then(tagPurged('latest', A, { since }), manifestsPurged(A));
  });

  it('takes what has ended by itself, before anybody wrote it down', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: recently }))
      .when(purge(A))
      .then(tagPurged('latest', A, { since }), manifestsPurged(A));
  });

  it('leaves the manifest where the tag points at it again', () => {
    given(...events, at(recently, tagDeleted('latest', A)), at(recently, tagMoved('latest', A)))
      .when(purge(A))
      .then(tagPurged('latest', A, { since }));
  });

  it.each<[string, RepositoryEvent[]]>([
    ['is alive', [...events]],
    ['ended before the window', [...events, tagDeleted('latest', A)]],
    ['was there under another tag only', [repositoryCreated(), pushed(A), tagMoved('v1', A)]],
  ])('finds nothing where it %s', (_, happened) => {
    given(...happened)
      .when(purge(A))
      .thenRefused(TagUnknown);
  });

  it('finds nothing where there is no window, and nothing twice', () => {
    given(...events, at(recently, tagDeleted('latest', A)))
      .when(purge(A, { windowSeconds: 0 }))
      .thenRefused(TagUnknown);
    given(
      ...events,
      pushed(B),
      tagMoved('v1', A),
      at(recently, tagDeleted('latest', A)),
      tagPurged('latest', A, { since }),
    )
      .when(purge(A))
      .thenRefused(TagUnknown);
  });

  it('is refused for a manifest that is not there, or no longer', () => {
    given(repositoryCreated()).when(purge(A)).thenRefused(ManifestUnknown);
    given(...events, at(recently, tagDeleted('latest', A)), tagPurged('latest', A, { since }), manifestsPurged(A))
      .when(purge(A))
      .thenRefused(ManifestUnknown);
  });
});

describe('what was purged', () => {
  const purged = [
    ...[repositoryCreated(), pushed(A), tagMoved('latest', A)],
    ...[tagPurged('latest', A, { alive: true, since }), manifestsPurged(A)],
  ];

  it('cannot be restored', () => {
    given(...purged)
      .when((state) => decideRestoreTag({ now: NOW, tag: 'latest', digest: A }, state))
      .thenRefused(ManifestUnknown);
  });

  it('is there again when it is pushed again', () => {
    const push = { now: NOW, digest: A, manifest: image(), tags: ['latest'], byDigest: false, holdSeconds: 0 };
    const facts = { held: new Set<Digest>(), present: new Set<Digest>(), sparse: false };
    given(...purged)
      .when((state) => decidePushManifest({ ...push, ...facts }, state))
      .then(pushed(A), tagMoved('latest', A));
  });

  it('is told in events that stay small, however many children there are', () => {
    const children = Array.from({ length: 1_200 }, (_, number) => digestOfNumber(number));
    const events = [
      ...children.map((digest) => pushed(digest)),
      pushed(LIST, index(children)),
      tagMoved('latest', LIST),
    ];
    const state = [repositoryCreated(), ...events].reduce<Repository>(
      (folded, event) => repositoryAggregate.evolve(folded, at(recently, event)),
      repositoryAggregate.initial(),
    );
    const parts = purge(null)(state).flatMap(({ type, data }) => (type === 'ManifestsPurged' ? [data.digests] : []));
    expect(parts.map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(new Set(parts.flat())).toEqual(new Set([LIST, ...children]));
  });
});

const digestOfNumber = (number: number): Digest => `sha256:${number.toString(16).padStart(64, '0')}` as Digest;
