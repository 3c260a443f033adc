import { expect, it } from '@jest/globals';
import { sideBySide } from './sideBySide.js';

it('does something with each, so many at a time', async () => {
  const done: number[] = [];
  let [underWay, most] = [0, 0];
  await sideBySide(
    [1, 2, 3, 4, 5],
    async (number) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      done.push(number);
    },
    2,
  );
  expect([done, most]).toEqual([[1, 2, 3, 4, 5], 2]);
});

it('asks one that takes its time for so many at once, and ends as it fails', async () => {
  const done: number[] = [];
  const opened = Promise.withResolvers<undefined>();
  async function* slow(): AsyncGenerator<number, void, undefined> {
    yield 1;
    await opened.promise;
    yield 2;
    throw new Error('there is no third');
  }
  const doing = sideBySide(
    slow(),
    (number) => {
      done.push(number);
      opened.resolve(undefined);
      return Promise.resolve();
    },
    3,
  );
  await expect(doing).rejects.toThrow('there is no third');
  expect(done).toEqual([1, 2]);
});

it('begins nothing after a failure, and throws the first one when all that was begun has ended', async () => {
  const begun: string[] = [];
  const slow = Promise.withResolvers<undefined>();
  let isOver = false;
  const doing = sideBySide(
    ['fails', 'is slow', 'is left'],
    (what) => {
      begun.push(what);
      return what === 'fails' ? Promise.reject(new Error('the first')) : slow.promise;
    },
    2,
  ).finally(() => (isOver = true));
  const expected = expect(doing).rejects.toThrow('the first');
  await new Promise((resolve) => setImmediate(resolve));
  expect([begun, isOver]).toEqual([['fails', 'is slow'], false]);
  slow.reject(new Error('the second'));
  await expected;
  expect(begun).toEqual(['fails', 'is slow']);
});
