import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { chunksOf, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import type { ContentRecord } from '../../src/commands/contents.js';
import { migrate, verifyMigration, type MigrationOptions } from '../../src/commands/migration/migrate.js';
import type { Side } from '../../src/commands/migration/side.js';
import { placeRecords } from '../../src/composition/migration.js';
import type { UploadId } from '../../src/ports/blobStore.js';
import { World } from '../support/world.js';
import { holdingsOf } from '../migration/holdings.js';
import { sideOf } from '../migration/sides.js';
import { s3Engine } from './s3.js';

const options: MigrationOptions = { leaveDamaged: false, places: placeRecords, watch: () => undefined };
const KIB = 1024;

const s3 = await s3Engine();
if (s3) {
  describe('contents that move to S3 and back', () => {
    let source: World;
    let target: World;
    let back: World;
    let far: Side;
    beforeEach(async () => {
      [source, target, back] = [await World.open(), await World.open(), await World.open()];
      far = sideOf(target.stores, { blobs: new ObjectBlobStore(new S3Objects(s3.settings), randomUUID()) });
      for (const size of [0, 1, 64 * KIB, 64 * KIB + 1, 9_000 * KIB, 20_000 * KIB]) {
        const bytes = randomBytes(size);
        const key = keyOf(bytes);
        const upload = randomUUID() as string as UploadId;
        await source.stores.blobs.append(upload, 0, chunksOf(bytes));
        await source.stores.blobs.finish(upload, key, size);
        const value: ContentRecord = { generation: key.generation, size, state: 'live' };
        await source.stores.operational.write([{ kind: 'put', collection: 'contents', key: key.digest, value }]);
      }
    });
    afterEach(async () => {
      for (const world of [source, target, back]) await world.close();
    });
    afterAll(() => s3.stop());

    it('are the same there, and again here', async () => {
      const near = sideOf(source.stores);
      expect(await migrate(near, far, options)).toMatchObject({ contents: 6 });
      await verifyMigration(near, far, options);
      expect(await holdingsOf(far)).toEqual(await holdingsOf(near));
      expect(await migrate(near, far, options)).toMatchObject({ copiedBytes: 0 });
      await migrate(far, sideOf(back.stores), options);
      expect(await holdingsOf(sideOf(back.stores))).toEqual(await holdingsOf(near));
    });
  });
}
