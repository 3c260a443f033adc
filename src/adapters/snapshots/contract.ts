import { describe, expect, it } from '@jest/globals';
import type { StreamName } from '../../domain/shared/ids.js';
import { timestamp } from '../../domain/shared/time.js';
import type { Snapshot, SnapshotStore } from '../../ports/snapshotStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

const stream = 'repository-with/what?file names may not hold' as StreamName;
const snapshot = (revision: number): Snapshot => ({
  version: 1,
  revision,
  hash: 'ab'.repeat(32),
  at: timestamp(revision),
  state: { tags: [['latest', `digest ${revision}`]] },
});

/** What every snapshot store must do. */
export const snapshotStoreContract = (name: string, open: () => Promise<Opened<SnapshotStore>>): void => {
  describe(`snapshot store: ${name}`, () => {
    const { store, reopen } = storePerTest(open);

    it('has none of a stream that none was saved of', async () => {
      expect(await store().load(stream)).toBeUndefined();
    });

    it('gives back what was saved last, also when it is opened again', async () => {
      await store().save(stream, snapshot(1));
      await store().save(stream, snapshot(2));
      expect(await store().load(stream)).toEqual(snapshot(2));
      expect(await (await reopen()).load(stream)).toEqual(snapshot(2));
    });

    it('keeps streams apart', async () => {
      await store().save(stream, snapshot(1));
      expect(await store().load('repository-2' as StreamName)).toBeUndefined();
    });
  });
};
