import { expect, it } from '@jest/globals';
import { everyStep } from './everyStep.js';

it('every step is taken in order, whatever fails, and the first error is thrown', async () => {
  const taken: string[] = [];
  const step = (name: string, error?: Error) => async () => {
    await Promise.resolve();
    taken.push(name);
    if (error) throw error;
  };
  const steps = [step('a'), step('b', new Error('first')), step('c'), step('d', new Error('second')), step('e')];
  await expect(everyStep(steps)).rejects.toThrow('first');
  expect(taken).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('nothing is thrown where nothing fails', async () => {
  await expect(everyStep([() => Promise.resolve()])).resolves.toBeUndefined();
});
