import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import {
  child,
  digestNumber,
  expiresAfter,
  image,
  index,
  inSeconds,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import type { ManifestRecord } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { decidePushManifest } from './push.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, ONE, OTHER, NESTED] = [digestNumber(1), digestNumber(2), digestNumber(3), digestNumber(4)];

const push =
  (manifest: ManifestRecord, sparse = false) =>
  (state: Repository) =>
    decidePushManifest(
      {
        ...{ now: NOW, digest: A, manifest, tags: ['latest'], byDigest: false, sparse, holdSeconds: 3_600 },
        ...{ held: new Set<never>(), present: new Set<never>() },
      },
      state,
    );

describe('the end of a pushed tag', () => {
  it('is what quay.expires-after says of the manifest', () => {
    const manifest = image({ labels: expiresAfter('2h') });
    given(repositoryCreated())
      .when(push(manifest))
      .then(pushed(A, manifest), tagMoved('latest', A, { end: inSeconds(7_200) }));
  });

  it('counts from each push anew, by the labels that the manifest has now', () => {
    const manifest = image({ labels: expiresAfter('1d') });
    given(repositoryCreated(), pushed(A), tagMoved('latest', A, { end: inSeconds(60) }))
      .when(push(manifest))
      .then(tagMoved('latest', A, { previous: A, end: inSeconds(86_400) }));
  });

  it('is never when the label is not to be read', () => {
    const manifest = image({ labels: expiresAfter('soon') });
    given(repositoryCreated()).when(push(manifest)).then(pushed(A, manifest), tagMoved('latest', A));
  });
});

describe('the end of a tag on an index', () => {
  const held = (digest: typeof ONE, changes: Partial<ManifestRecord> = {}) =>
    pushedAndHeld(digest, null, image(changes));

  it('is the one that all children have in common', () => {
    const labels = expiresAfter('1h');
    given(repositoryCreated(), held(ONE, { labels }), held(OTHER, { labels }))
      .when(push(index([ONE, OTHER])))
      .then(pushed(A, index([ONE, OTHER])), tagMoved('latest', A, { end: inSeconds(3_600) }));
  });

  it.each([
    ['another end', expiresAfter('2h')],
    ['none', []],
  ])('is never when one child has %s', (_, labels) => {
    given(repositoryCreated(), held(ONE, { labels: expiresAfter('1h') }), held(OTHER, { labels }))
      .when(push(index([ONE, OTHER])))
      .then(pushed(A, index([ONE, OTHER])), tagMoved('latest', A));
  });

  it('is never when a child is itself an index, whatever that one was labelled', () => {
    const labels = expiresAfter('1h');
    const nested = index([ONE], { labels });
    given(repositoryCreated(), held(ONE, { labels }), pushedAndHeld(NESTED, null, nested))
      .when(push(index([ONE, NESTED])))
      .then(pushed(A, index([ONE, NESTED])), tagMoved('latest', A));
  });

  it('does not follow a label of the index itself', () => {
    const manifest = index([ONE], { labels: expiresAfter('1h') });
    given(repositoryCreated(), held(ONE)).when(push(manifest)).then(pushed(A, manifest), tagMoved('latest', A));
  });

  it('leaves absent children out', () => {
    const labels = expiresAfter('1h');
    const recorded = index([ONE], { references: [child(ONE), { ...child(OTHER), due: false }] });
    given(repositoryCreated(), held(ONE, { labels }))
      .when(push(index([ONE, OTHER]), true))
      .then(pushed(A, recorded), tagMoved('latest', A, { end: inSeconds(3_600) }));
  });

  it('leaves out a child that was here but is not any more', () => {
    const labels = expiresAfter('1h');
    const recorded = index([ONE], { references: [child(ONE), { ...child(OTHER), due: false }] });
    given(repositoryCreated(), held(ONE, { labels }), pushed(OTHER))
      .when(push(index([ONE, OTHER]), true))
      .then(pushed(A, recorded), tagMoved('latest', A, { end: inSeconds(3_600) }));
  });

  it('is never without children', () => {
    given(repositoryCreated())
      .when(push(index([])))
      .then(pushed(A, index([])), tagMoved('latest', A));
  });
});
