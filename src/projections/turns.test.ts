import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { digestOf } from '../domain/shared/digest.js';
import { position } from '../domain/shared/ids.js';
import { timestamp } from '../domain/shared/time.js';
import { manifestCollections, ManifestQueries } from './manifestQueries.js';
import { manifests } from './manifests.js';
import { laneSpec } from './projector.js';
import { tagCollections, TagQueries } from './tagQueries.js';
import { tags } from './tags.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const numbers = Array.from({ length: 450 }, (_, index) => String(index).padStart(3, '0'));
const [begin, end, now] = [timestamp(1_000), timestamp(2_000), timestamp(3_000)];
const digest = digestOf('sha256', 'a'.repeat(64));

/** How often others had their turn while something was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  await work();
  clearImmediate(next);
  return turns;
}

async function tagQueries(): Promise<TagQueries> {
  const lane = await world.stores.documents.active(laneSpec(tags));
  const writes = numbers.flatMap((tag) => {
    const document = { repositoryId: 'r', tag, digest, start: begin, end, revision: 1, restored: false };
    const row = { ...document, closedBy: null };
    return [
      { collection: 'tags', key: `r/${tag}`, document },
      { collection: 'tagHistory', key: `r/${tag} ${begin} ${'1'.padStart(12, '0')}`, document: row },
    ];
  });
  await lane.commit(writes, position(1));
  return new TagQueries(tagCollections(lane));
}

describe('a list that finds nothing in much', () => {
  it('lets others have their turn: live tags', async () => {
    const queries = await tagQueries();
    expect(await turnsDuring(() => queries.listAlive('r', '', 100, now))).toBeGreaterThanOrEqual(4);
    expect(await queries.listAlive('r', '', 100, now)).toEqual([]);
  });

  it('lets others have their turn: tags of a moment', async () => {
    const queries = await tagQueries();
    expect(await turnsDuring(() => queries.listAt('r', '', 100, now))).toBeGreaterThanOrEqual(9);
    expect(await queries.listAt('r', '', 100, now)).toEqual([]);
    expect(await queries.listAt('r', '', 100, begin)).toEqual(numbers.slice(0, 101));
  });

  it('lets others have their turn: referrers', async () => {
    const lane = await world.stores.documents.active(laneSpec(manifests));
    const writes = numbers.map((number) => {
      const document = { repositoryId: 'r', digest: number, subject: digest, pushed: number, deleted: true };
      return { collection: 'manifests', key: `r/${number}`, document };
    });
    await lane.commit(writes, position(1));
    const queries = new ManifestQueries(manifestCollections(lane), await tagQueries());
    const list = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const document of queries.referrers('r', digest, now)) found.push(document.digest);
      return found;
    };
    expect(await turnsDuring(list)).toBeGreaterThanOrEqual(4);
    expect(await list()).toEqual([]);
  });
});
