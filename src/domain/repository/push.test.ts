import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  EARLIER,
  image,
  inSeconds,
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
import { RepositoryNotWritable, RepositoryUnknown } from './errors.js';
import { repositoryAggregate } from './evolve.js';
import { decidePushManifest, type PushManifest } from './push.js';

const given = specification(repositoryAggregate);
const [A, B] = [digestNumber(1), digestNumber(2)];

const push = (changes: Partial<PushManifest> = {}) => {
  const command: PushManifest = {
    now: NOW,
    digest: A,
    manifest: image(),
    tags: [],
    byDigest: false,
    held: new Set(),
    present: new Set(),
    sparse: false,
    holdSeconds: 3_600,
    ...changes,
  };
  return (state: Parameters<typeof decidePushManifest>[1]) => decidePushManifest(command, state);
};

describe('a push by tag', () => {
  it('tells of a new manifest and its tag in one append', () => {
    given(repositoryCreated())
      .when(push({ tags: ['latest'] }))
      .then(pushed(A), tagMoved('latest', A));
  });

  it('moves only the tag when the manifest is there already', () => {
    given(repositoryCreated(), pushed(A), tagMoved('v1', A))
      .when(push({ tags: ['latest'] }))
      .then(tagMoved('latest', A));
  });

  it('renews a tag that is pushed again with the same digest', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A))
      .when(push({ tags: ['latest'] }))
      .then(tagMoved('latest', A, { previous: A }));
  });

  it('tells from where it moved the tag', () => {
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('latest', B))
      .when(push({ tags: ['latest'] }))
      .then(tagMoved('latest', A, { previous: B }));
  });

  it('moves a tag from nowhere when its time had run out', () => {
    given(repositoryCreated(), pushed(A), pushed(B), tagMoved('latest', B, { end: EARLIER }))
      .when(push({ tags: ['latest'] }))
      .then(tagMoved('latest', A));
  });

  it('moves a tag from nowhere when it had been deleted', () => {
    given(repositoryCreated(), pushed(A), tagMoved('latest', A), tagDeleted('latest', A))
      .when(push({ tags: ['latest'] }))
      .then(tagMoved('latest', A));
  });

  it('undoes the deletion of a manifest', () => {
    given(repositoryCreated(), pushed(A), manifestDeleted(A))
      .when(push({ tags: ['latest'] }))
      .then(pushed(A), tagMoved('latest', A));
  });

  it('gives the manifest no time of its own, also if it has a subject', () => {
    const manifest = image({ subject: B });
    given(repositoryCreated())
      .when(push({ tags: ['latest'], manifest }))
      .then(pushed(A, manifest), tagMoved('latest', A));
  });
});

describe('a push by digest', () => {
  it('keeps the manifest for a time without a tag', () => {
    given(repositoryCreated())
      .when(push({ byDigest: true }))
      .then(pushedAndHeld(A, inSeconds(3_600)));
  });

  it('renews the time of a manifest that is there already', () => {
    given(repositoryCreated(), pushedAndHeld(A, inSeconds(10)))
      .when(push({ byDigest: true }))
      .then(pushedAndHeld(A, inSeconds(3_600)));
  });

  it('never shortens the time that a manifest has', () => {
    given(repositoryCreated(), pushedAndHeld(A, inSeconds(9_000)))
      .when(push({ byDigest: true }))
      .then(pushedAndHeld(A, inSeconds(9_000)));
  });

  it('keeps a manifest with a subject without end', () => {
    const manifest = image({ subject: B });
    given(repositoryCreated())
      .when(push({ byDigest: true, manifest }))
      .then(pushedAndHeld(A, null, manifest));
  });

  it('leaves a manifest that is kept without end so', () => {
    given(repositoryCreated(), pushedAndHeld(A, null))
      .when(push({ byDigest: true }))
      .then(pushedAndHeld(A, null));
  });

  it('gives a manifest a new time after its deletion, not its old one', () => {
    given(repositoryCreated(), pushedAndHeld(A, null), manifestDeleted(A))
      .when(push({ byDigest: true }))
      .then(pushedAndHeld(A, inSeconds(3_600)));
  });

  it('points all tags at it that the request names', () => {
    given(repositoryCreated(), pushed(B), tagMoved('b', B))
      .when(push({ byDigest: true, tags: ['a', 'b'] }))
      .then(pushedAndHeld(A, inSeconds(3_600)), tagMoved('a', A), tagMoved('b', A, { previous: B }));
  });
});

describe('a repository that takes no push', () => {
  it('is one that never was', () => {
    given()
      .when(push({ tags: ['latest'] }))
      .thenRefused(RepositoryUnknown);
  });

  it('is one that was deleted', () => {
    given(repositoryCreated(), repositoryDeleted())
      .when(push({ tags: ['latest'] }))
      .thenRefused(RepositoryUnknown);
  });

  it('is one that was abandoned before it was created', () => {
    given({ type: 'CreationAbandoned', data: {} })
      .when(push({ tags: ['latest'] }))
      .thenRefused(RepositoryUnknown);
  });

  it('is one that is read-only', () => {
    given(repositoryCreated(), stateChanged('READ_ONLY'))
      .when(push({ tags: ['latest'] }))
      .thenRefused(RepositoryNotWritable, { state: 'READ_ONLY' });
  });

  it.each(['MIRROR', 'ORG_MIRROR'] as const)('is not one in state %s: its mirror pushes to it', (state) => {
    given(repositoryCreated(), stateChanged(state))
      .when(push({ tags: ['latest'] }))
      .then(pushed(A), tagMoved('latest', A));
  });
});
