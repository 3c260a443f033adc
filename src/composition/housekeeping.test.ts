import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { overriding } from '../../test/support/overriding.js';
import { streamName } from '../../test/support/testLog.js';
import { context, plainPasswords, World } from '../../test/support/world.js';
import { readLog } from '../commands/readLog.js';
import { verifyLog } from '../commands/verifyLog.js';
import { loadConfig } from '../config/load.js';
import { nameAggregate } from '../domain/names/name.js';
import { START, type Position } from '../domain/shared/ids.js';
import type { SnapshotStore } from '../ports/snapshotStore.js';
import { ReadModelsLate, type ReadModels } from '../projections/readModels.js';
import { openCore } from './core.js';
import { keepHouse, type Housekeeping } from './housekeeping.js';

/** As everywhere in a cluster that stops: who feeds the read models is gone. */
const nobodyFeeds: ReadModels = {
  position: START,
  answering: true,
  start: () => undefined,
  waitFor: () => Promise.reject(new ReadModelsLate()),
  onApplied: () => undefined,
  close: () => Promise.resolve(),
};

let world: World;
let failures: unknown[];
let read: Position[];
beforeEach(async () => {
  world = await World.open();
  [failures, read] = [[], []];
});
afterEach(() => world.close());

async function keep(): Promise<Housekeeping> {
  const { clock, ids } = world;
  const { config } = loadConfig({}, world.folder);
  const events = overriding(world.stores.events, {
    readAll: (after, limit) => {
      read.push(after);
      return world.stores.events.readAll(after, limit);
    },
  });
  const snapshots: SnapshotStore = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const stores = { ...world.stores, events, snapshots, oneWriter: true, sole: true };
  const failed = (_: string, error: unknown): void => void failures.push(error);
  const core = await openCore({
    ...{ config, stores, readModels: nobodyFeeds, passwords: plainPasswords },
    ...{ clock, ids, failed },
  });
  return keepHouse({ config, core, stores, failed });
}

async function happen(): Promise<void> {
  const claimed = [{ type: 'NameClaimed', data: { owner: streamName('namespace-1') } } as const];
  const stream = streamName(`name-namespace-${world.ids.next()}`);
  await world.streams().decide(nameAggregate, stream, context(), () => claimed);
}

it('where nobody feeds the read models the log is signed at the end all the same, and nothing of it is read anew', async () => {
  const first = await keep();
  await happen();
  await first.stop();
  expect(read).toContain(START);
  read = [];
  const second = await keep();
  await happen();
  await second.stop();
  expect(read).not.toHaveLength(0);
  expect(read).not.toContain(START);
  expect(await verifyLog(readLog(world.stores.events))).toMatchObject({ ok: true, checkpoints: 2, uncovered: 1 });
  expect(failures).toEqual([]);
});
