import { describe, expect, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import {
  digestNumber,
  image,
  labelAdded,
  labelRemoved,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  stateChanged,
  tagDeleted,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import { ManifestUnknown, RepositoryNotWritable } from './errors.js';
import { repositoryAggregate } from './evolve.js';
import {
  LabelImmutable,
  LabelKeyInvalid,
  LabelKeyReserved,
  LabelUnknown,
  LabelValueTooLong,
  TooManyLabels,
} from './labelErrors.js';
import { decideAddLabel, decideRemoveLabel, ownLabelId, refuseReservedKey, type AddLabel } from './labels.js';
import type { Repository } from './state.js';

const given = specification(repositoryAggregate);
const A = digestNumber(1);
const OWN = { key: 'version', value: '1.36', mediaType: 'text/plain' } as const;
const tagged = [repositoryCreated(), pushed(A, image({ labels: [OWN] })), tagMoved('latest', A)] as const;

const add =
  (changes: Partial<AddLabel> = {}) =>
  (state: Repository) =>
    decideAddLabel(
      { now: NOW, digest: A, labelId: 'one', key: 'stage', value: 'test', mediaType: null, ...changes },
      state,
    );
const remove = (labelId: string) => (state: Repository) => decideRemoveLabel({ now: NOW, digest: A, labelId }, state);

describe('adding a label', () => {
  it('takes the same key again', () => {
    given(...tagged, labelAdded('another', A))
      .when(add())
      .then(labelAdded('one', A));
  });

  it.each([
    ['{"passed": 3}', 'application/json'],
    [' [1, 2]', 'application/json'],
    ['{passed', 'text/plain'],
    ['3', 'text/plain'],
    ['', 'text/plain'],
  ])('sees what the value %p is', (value, mediaType) => {
    given(...tagged)
      .when(add({ value }))
      .then(labelAdded('one', A, { key: 'stage', value, mediaType }));
  });

  it('believes who says what the value is', () => {
    given(...tagged)
      .when(add({ value: '{}', mediaType: 'text/plain' }))
      .then(labelAdded('one', A, { key: 'stage', value: '{}', mediaType: 'text/plain' }));
  });

  it.each(['', 'Stage', 'a..b', 'a.-b', '-a', 'a-', 'a_b', 'a'.repeat(256)])('refuses the key %p', (key) => {
    given(...tagged)
      .when(add({ key }))
      .thenRefused(LabelKeyInvalid);
  });

  it('refuses what would make an event large', () => {
    given(...tagged)
      .when(add({ value: 'x'.repeat(17_000) }))
      .thenRefused(LabelValueTooLong);
    const many = Array.from({ length: 1_000 }, (_, number) => labelAdded(`label ${number}`, A));
    given(...tagged, ...many)
      .when(add())
      .thenRefused(TooManyLabels, { most: 1_000 });
    given(...tagged, ...many, labelRemoved('label 7', A))
      .when(add())
      .then(labelAdded('one', A));
  });

  it('is refused for a manifest that no tag leads to, and where only reading is possible', () => {
    given(repositoryCreated(), pushedAndHeld(A, null)).when(add()).thenRefused(ManifestUnknown);
    given(...tagged, tagDeleted('latest', A))
      .when(add())
      .thenRefused(ManifestUnknown);
    given(...tagged, stateChanged('READ_ONLY'))
      .when(add())
      .thenRefused(RepositoryNotWritable);
  });
});

describe('a key with a reserved beginning', () => {
  it.each(['com.docker.x', 'io.quay', 'io.quayside', 'quay.expires-after', 'internal-x', 'com.coreos.y'])(
    'is refused: %s',
    (key) => {
      expect(() => {
        refuseReservedKey(key);
      }).toThrow(LabelKeyReserved);
    },
  );

  it('may be one that the instance reserves', () => {
    expect(() => {
      refuseReservedKey('example.stage', ['example.']);
    }).toThrow(new LabelKeyReserved());
    expect(() => {
      refuseReservedKey('example.stage');
      refuseReservedKey('com.dockerx');
    }).not.toThrow();
  });
});

describe('removing a label', () => {
  it('takes one that was added', () => {
    given(...tagged, labelAdded('one', A))
      .when(remove('one'))
      .then(labelRemoved('one', A));
  });

  it('is refused for one that the manifest brought with it', () => {
    given(...tagged)
      .when(remove(ownLabelId(A, 'version')))
      .thenRefused(LabelImmutable);
  });

  it('is refused for one that is not there, or no longer', () => {
    given(...tagged)
      .when(remove('one'))
      .thenRefused(LabelUnknown);
    given(...tagged, labelAdded('one', A), labelRemoved('one', A))
      .when(remove('one'))
      .thenRefused(LabelUnknown);
    given(...tagged, pushed(digestNumber(2)), labelAdded('one', digestNumber(2)))
      .when(remove('one'))
      .thenRefused(LabelUnknown);
  });

  it('is refused for a manifest that no tag leads to, and where only reading is possible', () => {
    given(...tagged, labelAdded('one', A), tagDeleted('latest', A))
      .when(remove('one'))
      .thenRefused(ManifestUnknown);
    given(...tagged, labelAdded('one', A), stateChanged('READ_ONLY'))
      .when(remove('one'))
      .thenRefused(RepositoryNotWritable);
  });
});

describe('the id of a label that came with its manifest', () => {
  it('follows from both and looks like any other', () => {
    const id = ownLabelId(A, 'version');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ownLabelId(A, 'version')).toBe(id);
    expect(new Set([id, ownLabelId(A, 'name'), ownLabelId(digestNumber(2), 'version')]).size).toBe(3);
  });
});
