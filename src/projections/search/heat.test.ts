import { expect, it } from '@jest/globals';
import { plusSeconds, timestamp } from '../../domain/shared/time.js';
import { NAME_BONUS, scoreOf, warmed } from './heat.js';

const START = timestamp(Date.UTC(2026, 7, 21));
const daysLater = (days: number) => plusSeconds(START, days * 86_400);

it('is the same for many actions at once and one after the other', () => {
  const each = Array.from({ length: 9 }).reduce<number>((heat) => warmed(heat, 1, START), warmed(null, 1, START));
  expect(each).toBeCloseTo(warmed(null, 10, START), 9);
});

it('counts an action half as much after thirty days', () => {
  expect(warmed(null, 2, START)).toBeCloseTo(warmed(null, 1, daysLater(30)), 9);
});

it('is higher where something happened lately', () => {
  const lately = warmed(null, 10, daysLater(200));
  expect(lately).toBeGreaterThan(warmed(null, 200, START));
});

it('counts what is told late', () => {
  expect(warmed(warmed(null, 1, daysLater(30)), 2, START)).toBeCloseTo(warmed(null, 2, daysLater(30)), 9);
});

it('makes a name worth a hundred descriptions', () => {
  expect(scoreOf(warmed(null, 100, START)) - scoreOf(warmed(null, 1, START))).toBe(NAME_BONUS);
});
