import { describe, expect, it } from '@jest/globals';
import { at, LONG_AGO } from '../../../test/support/decider.js';
import {
  blob,
  digestNumber,
  EARLIER,
  image,
  index,
  inSeconds,
  manifestDeleted,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  tagDeleted,
  tagExpired,
  tagMoved,
  tagRestored,
} from '../../../test/support/repositoryEvents.js';
import { digestOf, type Digest } from '../shared/digest.js';
import type { RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { active, isVisible, liveTag, liveTagsOf, visibleParent, type ActiveRepository } from './state.js';

const [A, PARENT, TOP] = [digestNumber(1), digestNumber(2), digestNumber(3)];

const after = (...events: readonly RepositoryEvent[]): ActiveRepository =>
  active(
    [repositoryCreated(), ...events].reduce(
      (state, event) => repositoryAggregate.evolve(state, at(LONG_AGO, event)),
      repositoryAggregate.initial(),
    ),
  );
const sees = (...events: readonly RepositoryEvent[]): boolean => isVisible(after(...events), A, NOW);

describe('a manifest is visible', () => {
  it('while a live tag points at it', () => {
    expect(sees(pushed(A), tagMoved('latest', A))).toBe(true);
    expect(sees(pushed(A), tagMoved('latest', A), tagDeleted('latest', A))).toBe(false);
    expect(sees(pushed(A), tagMoved('latest', A), tagExpired('latest', A))).toBe(false);
    expect(sees(pushed(A), tagMoved('latest', A), tagMoved('latest', PARENT))).toBe(false);
    expect(sees(pushed(A), tagMoved('latest', A), tagMoved('v1', A), tagDeleted('latest', A))).toBe(true);
  });

  it('up to the end of its last tag, exclusive, whether or not that was recorded', () => {
    expect(sees(pushed(A), tagMoved('latest', A, { end: inSeconds(0.001) }))).toBe(true);
    expect(sees(pushed(A), tagMoved('latest', A, { end: NOW }))).toBe(false);
    expect(sees(pushed(A), tagMoved('latest', A, { end: EARLIER }), tagMoved('v1', A))).toBe(true);
  });

  it('while its time without a tag runs', () => {
    expect(sees(pushed(A))).toBe(false);
    expect(sees(pushedAndHeld(A, null))).toBe(true);
    expect(sees(pushedAndHeld(A, inSeconds(1)))).toBe(true);
    expect(sees(pushedAndHeld(A, NOW))).toBe(false);
  });

  it('also when it is pushed by tag while its time runs', () => {
    expect(sees(pushedAndHeld(A, null), pushed(A))).toBe(true);
  });

  it('as a child of a visible one, at any depth', () => {
    expect(sees(pushed(A), pushed(PARENT, index([A])))).toBe(false);
    expect(sees(pushed(A), pushedAndHeld(PARENT, null, index([A])))).toBe(true);
    expect(sees(pushed(A), pushed(PARENT, index([A])), pushed(TOP, index([PARENT])), tagMoved('top', TOP))).toBe(true);
  });

  it('not through a parent that was deleted', () => {
    const nested = [pushed(A), pushed(PARENT, index([A])), pushed(TOP, index([PARENT])), tagMoved('top', TOP)];
    expect(sees(...nested, manifestDeleted(PARENT))).toBe(false);
  });

  it('not after it was deleted, whatever points at it', () => {
    expect(sees(pushed(A), tagMoved('latest', A), manifestDeleted(A))).toBe(false);
    expect(sees(pushed(A), pushedAndHeld(PARENT, null, index([A])), manifestDeleted(A))).toBe(false);
  });

  it('again when it is pushed or restored after its deletion, by what keeps it then', () => {
    const deleted = [pushedAndHeld(A, null), manifestDeleted(A)];
    expect(sees(...deleted, pushed(A), tagMoved('latest', A))).toBe(true);
    expect(sees(...deleted, tagRestored('latest', A, { revived: [A] }))).toBe(true);
    expect(sees(...deleted, pushed(A))).toBe(false);
  });

  it('not when the repository never had it, though an index names it', () => {
    expect(sees(pushedAndHeld(PARENT, null, index([A])))).toBe(false);
  });
});

describe('a visible manifest that names a content', () => {
  const LAYER = digestNumber(9);
  const naming = image({ references: [blob(LAYER)] });

  it('is found among those that name it', () => {
    const state = after(pushed(A, naming), pushed(PARENT, naming), tagMoved('b', PARENT));
    expect(visibleParent(state, LAYER, NOW)).toBe(PARENT);
  });

  it('is not there when none is visible, or none names it', () => {
    expect(visibleParent(after(pushed(A, naming)), LAYER, NOW)).toBeUndefined();
    expect(visibleParent(after(pushedAndHeld(A, null)), LAYER, NOW)).toBeUndefined();
  });
});

describe('indexes of indexes', () => {
  const numbered = (number: number): Digest => digestOf('sha256', number.toString(16).padStart(64, '0'));

  it('are looked at once each, however many ways lead to them', () => {
    // Each level names both indexes of the level below: 2 ** 100 ways from the bottom to the top.
    const events: RepositoryEvent[] = [pushed(numbered(0)), pushed(numbered(1))];
    for (let level = 1; level <= 100; level++) {
      const below = index([numbered(2 * level - 2), numbered(2 * level - 1)]);
      events.push(pushed(numbered(2 * level), below), pushed(numbered(2 * level + 1), below));
    }
    const state = after(...events);
    expect(isVisible(state, numbered(0), NOW)).toBe(false);
    expect(visibleParent(state, numbered(0), NOW)).toBeUndefined();
  });

  it('may be nested as deeply as somebody cares to push them', () => {
    const DEPTH = 50_000;
    const events = Array.from({ length: DEPTH }, (_, level) =>
      pushed(numbered(level), level === 0 ? image() : index([numbered(level - 1)])),
    );
    const state = after(...events, tagMoved('top', numbered(DEPTH - 1)));
    expect(isVisible(state, numbered(0), NOW)).toBe(true);
  });
});

describe('tags', () => {
  it('are alive up to their end, exclusive', () => {
    const state = after(pushed(A), tagMoved('now', A, { end: NOW }), tagMoved('soon', A, { end: inSeconds(1) }));
    expect(liveTag(state, 'now', NOW)).toBeUndefined();
    expect(liveTag(state, 'soon', NOW)).toEqual({ digest: A, since: LONG_AGO, end: inSeconds(1) });
    expect(liveTagsOf(state, A, NOW)).toEqual(['soon']);
  });

  it('restored have no end', () => {
    const state = after(pushed(A), tagMoved('latest', A, { end: EARLIER }), tagRestored('latest', A));
    expect(liveTag(state, 'latest', NOW)?.end).toBeNull();
  });

  it('point at one manifest at a time', () => {
    const state = after(pushed(A), pushed(PARENT), tagMoved('latest', A), tagMoved('latest', PARENT));
    expect(liveTagsOf(state, A, NOW)).toEqual([]);
    expect(liveTagsOf(state, PARENT, NOW)).toEqual(['latest']);
  });
});
