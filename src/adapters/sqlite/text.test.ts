import { describe, expect, it } from '@jest/globals';
import { afterPrefix, compareText } from './text.js';

describe('text in the order of the engine', () => {
  it('goes by code point, not by UTF-16 code unit', () => {
    expect(compareText('\uffff', '\u{1f6a2}')).toBeLessThan(0);
    expect(compareText('a', 'a')).toBe(0);
    expect(compareText('b', 'a/1')).toBeGreaterThan(0);
  });

  it.each([
    ['org/', 'org0'],
    ['a\u{10ffff}', 'b'],
    ['\ud7ff', '\ue000'],
    ['\u{1f6a2}', '\u{1f6a3}'],
  ])('ends a prefix at its successor', (prefix, successor) => {
    expect(afterPrefix(prefix)).toBe(successor);
  });

  it('ends no prefix that has no successor', () => {
    expect(afterPrefix('')).toBeUndefined();
    expect(afterPrefix('\u{10ffff}')).toBeUndefined();
  });
});
