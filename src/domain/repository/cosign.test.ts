import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  EARLIER,
  image,
  manifestDeleted,
  NOW,
  pushed,
  repositoryCreated,
  tagDeleted,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import { hexOf } from '../shared/digest.js';
import { decideDeleteManifest, decideDeleteTag } from './deleteTag.js';
import { repositoryAggregate } from './evolve.js';
import { decidePushManifest } from './push.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, B, SIGNATURE] = [digestNumber(1), digestNumber(2), digestNumber(3)];
const sibling = (suffix: string): string => `sha256-${hexOf(A)}.${suffix}`;

const signed = [
  repositoryCreated(),
  pushed(A),
  pushed(B),
  pushed(SIGNATURE),
  tagMoved('latest', A),
  tagMoved(sibling('sig'), SIGNATURE),
  tagMoved(sibling('att'), SIGNATURE),
];

const moveToB =
  (...tags: string[]) =>
  (state: Repository) =>
    decidePushManifest(
      {
        ...{ now: NOW, digest: B, manifest: image(), tags, byDigest: false, sparse: false, holdSeconds: 3_600 },
        ...{ held: new Set<never>(), present: new Set<never>() },
      },
      state,
    );
const deleteTag = (tag: string) => (state: Repository) => decideDeleteTag({ now: NOW, tag }, state);

describe('the signatures that cosign attached to a manifest', () => {
  it('go when its last tag moves to another manifest', () => {
    given(...signed)
      .when(moveToB('latest'))
      .then(
        tagMoved('latest', B, { previous: A }),
        tagDeleted(sibling('sig'), SIGNATURE),
        tagDeleted(sibling('att'), SIGNATURE),
      );
  });

  it('go when its last tag is deleted', () => {
    given(...signed)
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A), tagDeleted(sibling('sig'), SIGNATURE), tagDeleted(sibling('att'), SIGNATURE));
  });

  it('go when it is deleted', () => {
    given(...signed)
      .when((state) => decideDeleteManifest({ now: NOW, digest: A }, state))
      .then(
        tagDeleted('latest', A),
        tagDeleted(sibling('sig'), SIGNATURE),
        tagDeleted(sibling('att'), SIGNATURE),
        manifestDeleted(A),
      );
  });

  it('go once, when one push moves all its tags away', () => {
    given(...signed, tagMoved('v1', A))
      .when(moveToB('latest', 'v1'))
      .then(
        tagMoved('latest', B, { previous: A }),
        tagMoved('v1', B, { previous: A }),
        tagDeleted(sibling('sig'), SIGNATURE),
        tagDeleted(sibling('att'), SIGNATURE),
      );
  });

  it('stay while another tag remains', () => {
    given(...signed, tagMoved('v1', A))
      .when(moveToB('latest'))
      .then(tagMoved('latest', B, { previous: A }));
    given(...signed, tagMoved('v1', A))
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A));
  });

  it('go although another tag is there whose time ran out', () => {
    given(...signed, tagMoved('v1', A, { end: EARLIER }))
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A), tagDeleted(sibling('sig'), SIGNATURE), tagDeleted(sibling('att'), SIGNATURE));
  });

  it('stay when the tag is renewed', () => {
    given(repositoryCreated(), pushed(B), pushed(SIGNATURE), tagMoved('latest', B))
      .when(moveToB('latest'))
      .then(tagMoved('latest', B, { previous: B }));
  });

  it('are not closed a second time when their own time ran out', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagMoved(sibling('sig'), B, { end: EARLIER }))
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A));
  });

  it('stay when the same push points their tag at something new', () => {
    given(...signed)
      .when(moveToB('latest', sibling('sig')))
      .then(
        tagMoved('latest', B, { previous: A }),
        tagMoved(sibling('sig'), B, { previous: SIGNATURE }),
        tagDeleted(sibling('att'), SIGNATURE),
      );
  });

  it('are told by their suffix: the referrers tag of clients without a referrers API stays', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagMoved(`sha256-${hexOf(A)}`, B))
      .when(deleteTag('latest'))
      .then(tagDeleted('latest', A));
  });
});
