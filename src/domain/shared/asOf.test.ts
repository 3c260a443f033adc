import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asOfNamespace, isAsOfNamespace, momentOfNamespace } from './asOf.js';
import { timestamp } from './time.js';

describe('as-of namespaces', () => {
  it.each([
    ['at-20260618t185913z', '2026-06-18T18:59:13.000Z'],
    ['at-20240229t000000z', '2024-02-29T00:00:00.000Z'],
    ['at-00010101t000000z', '0001-01-01T00:00:00.000Z'],
  ])('%s is %s', (namespace, moment) => {
    expect(isAsOfNamespace(namespace)).toBe(true);
    expect(momentOfNamespace(namespace)).toBe(moment);
  });

  it.each([
    'at-20260631t000000z',
    'at-20250229t000000z',
    'at-20260618t250000z',
    'at-20260618t235960z',
    'at-20261301t000000z',
  ])('%s is reserved, but no moment', (namespace) => {
    expect(isAsOfNamespace(namespace)).toBe(true);
    expect(momentOfNamespace(namespace)).toBeNull();
  });

  it.each([
    'at-20260618T185913Z',
    'at-20260618t185913',
    'at-20260618t185913z/',
    'xat-20260618t185913z',
    '',
    'at-2026061８t185913z',
  ])('%s is an ordinary text', (text) => {
    expect(isAsOfNamespace(text)).toBe(false);
    expect(momentOfNamespace(text)).toBeNull();
  });

  it('prints what it parses, to the second', () => {
    const last = Date.UTC(9999, 11, 31);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), (milliseconds) => {
        const whole = timestamp(milliseconds - (milliseconds % 1000));
        expect(momentOfNamespace(asOfNamespace(timestamp(milliseconds)))).toBe(whole);
      }),
    );
  });
});
