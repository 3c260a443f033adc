import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { assertBelonging } from './belonging.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const belongs = (prefix?: string): Promise<void> =>
  assertBelonging(world.stores.operational, prefix, "MongoDB's tidemark");

it('is settled by the first process, whichever of several that is', async () => {
  await Promise.all([belongs('east'), belongs('east'), belongs('east')]);
  await expect(belongs('east')).resolves.toBeUndefined();
});

it.each([
  [
    'east',
    'west',
    /^the records in MongoDB's tidemark are of streams with the prefix east, and not of those with the prefix west /,
  ],
  ['east', undefined, /with the prefix east, and not of those without a prefix /],
  [undefined, 'east', /without a prefix, and not of those with the prefix east /],
])('keeps out whoever has another log beside the same records: %s, %s', async (first, second, reason) => {
  await belongs(first);
  await expect(belongs(second)).rejects.toThrow(reason);
  await expect(belongs(second)).rejects.toThrow(/^[^\n]+$/);
  await belongs(first);
});
