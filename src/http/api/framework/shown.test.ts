import { describe, expect, it } from '@jest/globals';
import { shown } from './shown.js';

describe('a value in a message', () => {
  it.each([
    [null, 'None'],
    [true, 'True'],
    ['x', "'x'"],
    ["it's", `"it's"`],
    [[1, 'a', [false]], "[1, 'a', [False]]"],
    [{ a: { b: 1 } }, "{'a': {'b': 1}}"],
  ])('%j is spelled %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it.each([
    ['lists', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ a: inner })],
  ])('is cut off, however deep its %s lie', (_, around) => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = around(value);
    expect(shown(value).length).toBeLessThanOrEqual(201);
  });

  it('is cut off, however long it is', () => {
    expect(shown(Array.from({ length: 100_000 }, () => 'a')).length).toBe(201);
    expect(shown('a'.repeat(100_000)).length).toBe(201);
  });
});
