import { describe, expect, it } from '@jest/globals';
import {
  blob,
  digestNumber,
  image,
  index,
  EARLIER,
  labelAdded,
  manifestDeleted,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  repositoryDeleted,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import type { Json } from '../shared/json.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { dumpRepository, restoreRepository } from './snapshot.js';

const folded = (...events: RepositoryEvent[]) =>
  events.reduce(
    (state, event) => repositoryAggregate.evolve(state, { ...event, at: EARLIER }),
    repositoryAggregate.initial(),
  );

const [a, b, c, layer] = [1, 2, 3, 4].map(digestNumber);
if (!a || !b || !c || !layer) throw new Error('four digests were made');

const throughJson = (state: ReturnType<typeof folded>) =>
  restoreRepository(JSON.parse(JSON.stringify(dumpRepository(state))) as Json);

describe('a snapshot of a repository', () => {
  it('is the state again after a way through JSON', () => {
    const state = folded(
      repositoryCreated(),
      { type: 'PermissionGranted', data: { grantee: { kind: 'user', id: 'u' }, role: 'write' } },
      pushed(a, image({ references: [blob(layer)] })),
      pushedAndHeld(b, null),
      pushed(c, index([a, b])),
      tagMoved('latest', c),
      tagMoved('old', a),
      tagMoved('old', c),
      manifestDeleted(b),
      labelAdded('one', c),
    );
    expect(throughJson(state)).toEqual(state);
  });

  it('tells a deleted repository and one that never was', () => {
    expect(throughJson(folded())).toEqual({ kind: 'none' });
    expect(throughJson(folded(repositoryCreated(), repositoryDeleted()))).toEqual({ kind: 'deleted' });
  });
});
