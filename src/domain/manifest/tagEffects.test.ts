import { describe, expect, it } from '@jest/globals';
import { commonLabels, EXPIRES_AFTER, IMMUTABLE, tagEffects } from './tagEffects.js';

const label = (key: string, value: string): { key: string; value: string } => ({ key, value });

describe('effects of labels on tags', () => {
  it('are none without such labels', () => {
    expect(tagEffects([label('a', 'b')])).toEqual({ expiresAfterSeconds: null, immutable: false });
  });

  it.each([
    ['1d', 86_400],
    ['0d', null],
    ['soon', null],
  ])('quay.expires-after=%s gives %s', (value, expiresAfterSeconds) => {
    expect(tagEffects([label(EXPIRES_AFTER, value)]).expiresAfterSeconds).toBe(expiresAfterSeconds);
  });

  it.each([
    ['true', true],
    [' TRUE ', true],
    ['1', false],
    ['false', false],
  ])('quay.immutable=%j gives %s', (value, immutable) => {
    expect(tagEffects([label(IMMUTABLE, value)]).immutable).toBe(immutable);
  });

  it('come from the last valid label', () => {
    const labels = [label(EXPIRES_AFTER, '1d'), label(EXPIRES_AFTER, '1h'), label(EXPIRES_AFTER, 'never')];
    expect(tagEffects(labels).expiresAfterSeconds).toBe(3_600);
  });
});

describe('common labels', () => {
  it('are those that all children have with the same value', () => {
    const one = [label('a', '1'), label('b', '1'), label('c', '1')];
    const two = [label('c', '1'), label('b', '2'), label('a', '1')];
    expect(commonLabels([one, two])).toEqual([label('a', '1'), label('c', '1')]);
    expect(commonLabels([one])).toEqual(one);
  });

  it('are none with a child without labels, and without children', () => {
    expect(commonLabels([[label('a', '1')], []])).toEqual([]);
    expect(commonLabels([])).toEqual([]);
  });
});
