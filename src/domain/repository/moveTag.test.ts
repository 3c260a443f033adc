import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
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
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import { hexOf, type Digest } from '../shared/digest.js';
import { ManifestUnknown, RepositoryNotWritable, RepositoryUnknown } from './errors.js';
import { repositoryAggregate } from './evolve.js';
import { decideMoveTag } from './moveTag.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, B, LIST] = [digestNumber(1), digestNumber(2), digestNumber(3)];

const move = (tag: string, digest: Digest) => (state: Repository) => decideMoveTag({ now: NOW, tag, digest }, state);

describe('moving a tag', () => {
  it('makes a new tag on a manifest that another one points at', () => {
    given(repositoryCreated(), pushed(A), tagMoved('v1', A)).when(move('latest', A)).then(tagMoved('latest', A));
  });

  it('tells from where it moved the tag', () => {
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('v1', A), tagMoved('latest', B))
      .when(move('latest', A))
      .then(tagMoved('latest', A, { previous: B }));
  });

  it('renews a tag that is there already', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A))
      .when(move('latest', A))
      .then(tagMoved('latest', A, { previous: A }));
  });

  it('takes a child of an index that a tag points at', () => {
    given(repositoryCreated(), pushed(A), pushed(LIST, index([A])), tagMoved('multi', LIST))
      .when(move('amd64', A))
      .then(tagMoved('amd64', A));
  });

  it('ends the tag when a label of its manifest says so', () => {
    given(repositoryCreated(), pushed(A, image({ labels: expiresAfter('1h') })), tagMoved('v1', A))
      .when(move('latest', A))
      .then(tagMoved('latest', A, { end: inSeconds(3_600) }));
  });

  it('takes the signatures of what loses its last tag with it', () => {
    const signature = `sha256-${hexOf(A)}.sig`;
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('latest', A), tagMoved(signature, B), tagMoved('v2', B))
      .when(move('latest', B))
      .then(tagMoved('latest', B, { previous: A }), tagDeleted(signature, B));
  });

  it.each([
    ['was never here', []],
    ['no tag points at any more', [pushed(A), tagMoved('v1', A), tagDeleted('v1', A)]],
    ['only a tag that has ended points at', [pushed(A), tagMoved('v1', A, { end: EARLIER })]],
    ['is merely kept for a while after its push', [pushedAndHeld(A, inSeconds(60))]],
    ['was deleted', [pushed(A), tagMoved('v1', A), tagDeleted('v1', A), manifestDeleted(A)]],
    ['is a child of an index without a tag', [pushed(A), pushedAndHeld(LIST, null, index([A]))]],
  ])('is refused for a manifest that %s', (_, events) => {
    given(repositoryCreated(), ...events)
      .when(move('latest', A))
      .thenRefused(ManifestUnknown, { reference: A });
  });

  it('is refused where only reading is possible, or nothing is there', () => {
    given(repositoryCreated(), pushed(A), tagMoved('v1', A), stateChanged('READ_ONLY'))
      .when(move('latest', A))
      .thenRefused(RepositoryNotWritable);
    given().when(move('latest', A)).thenRefused(RepositoryUnknown);
  });
});
