import { expect, it } from '@jest/globals';
import { parsedJson } from './json.js';

it.each(['{"a": ["\\ud83d\\udea2", "⚓", 1, null]}', '"\\u0041"', '{"\\ud83d\\udea2": 1}'])('is read: %s', (text) => {
  expect(parsedJson(text)).toEqual(JSON.parse(text));
});

it.each(['"\\ud83d"', '{"a": [{"b": "\\udea2\\ud83d"}]}', '{"\\uD800": 1}', '{'])('is not read: %s', (text) => {
  expect(() => parsedJson(text)).toThrow();
});
