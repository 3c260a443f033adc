import { expect, it } from '@jest/globals';
import { timestamp } from '../../../domain/shared/time.js';
import { epochMilliseconds, epochSeconds, httpDate, isoMicroseconds, rfc2822, type MomentFormat } from './dates.js';

const FORMATS: readonly (readonly [string, MomentFormat<string | number>, string | number])[] = [
  ['RFC 2822, with the zone that means UTC', rfc2822, 'Fri, 21 Aug 2026 20:02:54 -0000'],
  ['HTTP', httpDate, 'Fri, 21 Aug 2026 20:02:54 GMT'],
  ['ISO 8601 with microseconds', isoMicroseconds, '2026-08-21T20:02:54.123000Z'],
  ['whole seconds since 1970', epochSeconds, 1_787_342_574],
  ['milliseconds since 1970', epochMilliseconds, 1_787_342_574_123],
];

it.each(FORMATS)('shows a moment as %s', (_name, format, shown) => {
  expect(format(timestamp(Date.UTC(2026, 7, 21, 20, 2, 54, 123)))).toBe(shown);
});

it.each(FORMATS)('leaves out what is not there as null in %s', (_name, format) => {
  expect(format(null)).toBeNull();
});

it('writes the day of the month with two digits', () => {
  expect(rfc2822(timestamp(Date.UTC(2026, 0, 2, 3, 4, 5)))).toBe('Fri, 02 Jan 2026 03:04:05 -0000');
});
