import { describe, expect, it } from '@jest/globals';
import { at, LONG_AGO, specification } from '../../../test/support/decider.js';
import {
  child,
  digestNumber,
  EARLIER,
  index,
  manifestDeleted,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  repositoryDeleted,
  stateChanged,
  tagDeleted,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import type { Digest } from '../shared/digest.js';
import { decideDeleteManifest, decideDeleteTag } from './deleteTag.js';
import { ManifestReferenced, ManifestUnknown, RepositoryNotWritable, RepositoryUnknown, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, INDEX, TOP] = [digestNumber(1), digestNumber(2), digestNumber(3)];

const deleteTag = (tag: string) => (state: Repository) => decideDeleteTag({ now: NOW, tag }, state);
const deleteManifest = (digest: Digest) => (state: Repository) => decideDeleteManifest({ now: NOW, digest }, state);

describe('deleting a tag', () => {
  it('closes that tag and no other', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagMoved('v1', A))
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A));
  });

  it('works on a child of an index too: the child stays', () => {
    given(repositoryCreated(), pushed(A), pushedAndHeld(INDEX, null, index([A])), tagMoved('a', A))
      .when(deleteTag('a'))
      .then(tagDeleted('a', A));
  });

  it('is refused for a tag that never was, that was deleted or whose time ran out', () => {
    given(repositoryCreated()).when(deleteTag('latest')).thenRefused(TagUnknown, { tag: 'latest' });
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagDeleted('latest', A))
      .when(deleteTag('latest'))
      .thenRefused(TagUnknown);
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: EARLIER }))
      .when(deleteTag('latest'))
      .thenRefused(TagUnknown);
  });

  it('is refused where only reading is possible, or nothing is there', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), stateChanged('READ_ONLY'))
      .when(deleteTag('latest'))
      .thenRefused(RepositoryNotWritable);
    given(repositoryCreated(), repositoryDeleted()).when(deleteTag('latest')).thenRefused(RepositoryUnknown);
  });
});

describe('deleting a manifest', () => {
  it('closes every live tag on it', () => {
    given(
      repositoryCreated(),
      ...[pushed(A), pushed(INDEX)],
      ...[tagMoved('latest', A), tagMoved('v1', A), tagMoved('other', INDEX), tagMoved('old', A, { end: EARLIER })],
    )
      .when(deleteManifest(A))
      .then(tagDeleted('latest', A), tagDeleted('v1', A), manifestDeleted(A));
  });

  it('closes its tags in turns when they are too many for one append, and goes with the last of them', () => {
    const tags = Array.from({ length: 600 }, (_, number) => `build-${number}`);
    const events: RepositoryEvent[] = [repositoryCreated(), pushed(A), ...tags.map((tag) => tagMoved(tag, A))];
    const sizes: number[] = [];
    while (events.at(-1)?.type !== 'ManifestDeleted') {
      const state = events.reduce(
        (state, event) => repositoryAggregate.evolve(state, at(LONG_AGO, event)),
        repositoryAggregate.initial(),
      );
      const decided = deleteManifest(A)(state);
      sizes.push(decided.length);
      events.push(...decided);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(260);
    expect(events.slice(-601)).toEqual([...tags.map((tag) => tagDeleted(tag, A)), manifestDeleted(A)]);
  });

  it('ends the time of one without tags', () => {
    given(repositoryCreated(), pushedAndHeld(A, null)).when(deleteManifest(A)).then(manifestDeleted(A));
  });

  it('is refused for a child of an index that is visible', () => {
    given(repositoryCreated(), pushed(A), pushed(INDEX, index([A])), tagMoved('multi', INDEX), tagMoved('a', A))
      .when(deleteManifest(A))
      .thenRefused(ManifestReferenced, { digest: A, index: INDEX });
  });

  it('is refused for a grandchild too, and for a child that an index takes for absent', () => {
    const sparse = index([], { references: [{ ...child(A), due: false }] });
    given(
      repositoryCreated(),
      ...[pushed(A), pushed(INDEX, sparse), pushed(TOP, index([INDEX])), tagMoved('top', TOP), tagMoved('a', A)],
    )
      .when(deleteManifest(A))
      .thenRefused(ManifestReferenced, { digest: A, index: INDEX });
  });

  it('is possible when the index was deleted before, or lost its last tag', () => {
    const events = [repositoryCreated(), pushedAndHeld(A, null), pushed(INDEX, index([A])), tagMoved('multi', INDEX)];
    given(...events, tagDeleted('multi', INDEX), manifestDeleted(INDEX))
      .when(deleteManifest(A))
      .then(manifestDeleted(A));
    given(...events, tagDeleted('multi', INDEX))
      .when(deleteManifest(A))
      .then(manifestDeleted(A));
  });

  it('is refused for one that never was, was deleted already, or is not visible any more', () => {
    given(repositoryCreated()).when(deleteManifest(A)).thenRefused(ManifestUnknown, { reference: A });
    given(repositoryCreated(), pushedAndHeld(A, null), manifestDeleted(A))
      .when(deleteManifest(A))
      .thenRefused(ManifestUnknown);
    given(repositoryCreated(), pushedAndHeld(A, EARLIER)).when(deleteManifest(A)).thenRefused(ManifestUnknown);
  });

  it('is refused where only reading is possible', () => {
    given(repositoryCreated(), pushedAndHeld(A, null), stateChanged('READ_ONLY'))
      .when(deleteManifest(A))
      .thenRefused(RepositoryNotWritable);
  });
});
