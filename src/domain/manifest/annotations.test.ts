import { describe, expect, it } from '@jest/globals';
import { annotationsInEvent, MAX_EVENT_ANNOTATION_BYTES, NO_ANNOTATIONS } from './annotations.js';

const bytesIn = (annotations: object): number => Buffer.byteLength(JSON.stringify(annotations));

describe('annotations in events', () => {
  it('are complete up to the bound, which counts bytes of JSON', () => {
    const full = { a: 'x'.repeat(MAX_EVENT_ANNOTATION_BYTES - bytesIn({ a: '' })) };
    expect(bytesIn(full)).toBe(16_384);
    expect(annotationsInEvent({ annotations: full })).toEqual({ annotations: full, flagged: false });
  });

  it.each([
    ['one byte more', 'x'.repeat(16_384 - 7)],
    ['characters of several bytes', 'ü'.repeat(8_190)],
    ['characters that JSON escapes', '"'.repeat(8_190)],
  ])('are left out whole and flagged beyond it: %s', (_, value) => {
    expect(annotationsInEvent({ annotations: { a: value, b: '' } })).toEqual({ annotations: {}, flagged: true });
  });

  it('are not flagged when there are none', () => {
    expect(annotationsInEvent({ annotations: NO_ANNOTATIONS })).toEqual({ annotations: {}, flagged: false });
  });
});
