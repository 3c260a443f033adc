import { expect, it } from '@jest/globals';
import { endAll, type Step } from './ending.js';

const never = new Promise<never>(() => undefined);

/** What was ended in which order, what was logged, and what was left. */
async function ending(steps: readonly Step[], limits?: { readonly each: number; readonly all: number }) {
  const [ended, logged]: [string[], unknown[]] = [[], []];
  const told = steps.map(({ what, end }) => ({
    what,
    end: () => {
      ended.push(what);
      return end();
    },
  }));
  const log = { error: (about: unknown) => logged.push(about) };
  const left = await endAll(told, { log, ...(limits ? { limits } : {}) });
  return { ended, logged, left };
}

it('ends all in their order, and names those that failed', async () => {
  const steps: readonly Step[] = [
    { what: 'one', end: () => Promise.resolve() },
    { what: 'two', end: () => Promise.reject(new Error('away')) },
    {
      what: 'three',
      end: () => {
        throw new Error('at once');
      },
    },
    { what: 'four', end: () => undefined },
  ];
  const { ended, logged, left } = await ending(steps);
  expect(ended).toEqual(['one', 'two', 'three', 'four']);
  expect(left).toEqual(['two', 'three']);
  expect(logged).toEqual([
    { err: new Error('away'), what: 'two' },
    { err: new Error('at once'), what: 'three' },
  ]);
});

it('does not wait for ever for what does not end', async () => {
  const steps: readonly Step[] = [
    { what: 'hanging', end: () => never },
    { what: 'hanging, too', end: () => never },
    { what: 'quick', end: () => Promise.resolve() },
  ];
  const { ended, logged, left } = await ending(steps, { each: 1_500, all: 1_600 });
  expect(ended).toEqual(['hanging', 'hanging, too', 'quick']);
  expect(left).toEqual(['hanging', 'hanging, too']);
  expect(logged).toEqual([
    { err: new Error('did not end within 2 s'), what: 'hanging' },
    { err: new Error('did not end within 1 s'), what: 'hanging, too' },
  ]);
});
