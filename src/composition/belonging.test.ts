import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { newStream, sampleEvent } from '../adapters/eventstore/sampleEvents.js';
import { World } from '../../test/support/world.js';
import { assertBelonging } from './belonging.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const belongs = (prefix?: string, hasKeys = false): Promise<void> => {
  const { operational, events } = world.stores;
  return assertBelonging(operational, prefix, "MongoDB's tidemark", {
    events,
    hasKeys: () => Promise.resolve(hasKeys),
  });
};
const happens = (): Promise<unknown> => world.stores.events.append(newStream(), [sampleEvent()], 'no-stream');

it('is settled by the first process, whichever of several that is', async () => {
  await Promise.all([belongs('east'), belongs('east'), belongs('east')]);
  await expect(belongs('east')).resolves.toBeUndefined();
});

it.each([
  [
    'east',
    'west',
    /^the records in MongoDB's tidemark are of streams with the prefix east, and not of those with the prefix west: if this is the same registry, set EVENTSTORE_STREAM_PREFIX back to east; another one /,
  ],
  [
    'east',
    undefined,
    /with the prefix east, and not of those without a prefix: .* set EVENTSTORE_STREAM_PREFIX back to east; /,
  ],
  [undefined, 'east', /without a prefix, and not of those with the prefix east: .* remove EVENTSTORE_STREAM_PREFIX; /],
])('keeps out whoever has another log beside the same records: %s, %s', async (first, second, reason) => {
  await belongs(first);
  await expect(belongs(second)).rejects.toThrow(reason);
  await expect(belongs(second)).rejects.toThrow(/^[^\n]+$/);
  await belongs(first);
});

it('keeps out who comes with nothing of its own to the log of another registry, as often as it comes', async () => {
  await happens();
  for (let time = 0; time < 2; time++) {
    await expect(belongs('east')).rejects.toThrow(
      /^the log of streams with the prefix east has events, and MongoDB's tidemark no keys for them: [^\n]+$/,
    );
  }
});

it('lets in who has keys and wrote nothing down yet: from before, or after a restore without records', async () => {
  await happens();
  await belongs('east', true);
});

it('lets in who wrote it down before there were events, such as an unfinished copy', async () => {
  await belongs('east');
  await happens();
  await belongs('east');
});
