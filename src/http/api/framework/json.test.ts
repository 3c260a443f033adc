import { expect, it } from '@jest/globals';
import { parsedJson } from './json.js';

it.each(['{"a": ["\\ud83d\\udea2", "⚓", 1, null]}', '"\\u0041"', '{"\\ud83d\\udea2": 1}'])('is read: %s', (text) => {
  expect(parsedJson(text)).toEqual(JSON.parse(text));
});

it.each(['"\\ud83d"', '{"a": [{"b": "\\udea2\\ud83d"}]}', '{"\\uD800": 1}', '{'])('is not read: %s', (text) => {
  expect(() => parsedJson(text)).toThrow();
});

it.each(['1e999', '{"a": [-1e999]}'])('is not read, as no number is that large: %s', (text) => {
  expect(() => parsedJson(text)).toThrow(SyntaxError);
});

it('leaves a member that is too large to its endpoint', () => {
  expect(parsedJson('{"a": 1e999}')).toEqual({ a: Infinity });
});

it.each([
  ['[', ']'],
  ['{"a":', '}'],
])('is read up to 64 levels: %s', (open, close) => {
  const nested = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
  expect(() => parsedJson(nested(64))).not.toThrow();
  expect(() => parsedJson(nested(65))).toThrow(SyntaxError);
  expect(() => parsedJson(nested(100_000))).toThrow(SyntaxError);
});
