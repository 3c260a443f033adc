import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { UploadIds, type UploadOwner } from '../commands/uploadIds.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { millisecondsOf, plusSeconds } from '../domain/shared/time.js';
import type { UploadId } from '../ports/blobStore.js';
import { Sweeper } from './sweeper.js';
import { chunks } from '../../test/support/chunks.js';

const OWNER: UploadOwner = { repositoryId: 'repository' as RepositoryId, subject: 'user:ada' };
const LIFETIME = 3_600;
const DAY = 86_400;
const BYTES = Buffer.alloc(200_000, 'a');

describe('the sweeper', () => {
  let world: World;
  const ids = new UploadIds(Buffer.alloc(32, 1));

  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  const sweeper = (sweepsUploads = true): Sweeper => {
    const { clock } = world;
    const { operational, blobs } = world.stores;
    return new Sweeper({ operational, blobs, clock, sweepsUploads, uploadSeconds: LIFETIME });
  };
  /** Bytes without a record, as a process leaves them that dies in the first piece of an upload. */
  const staged = async (id: UploadId = ids.issue(OWNER, millisecondsOf(world.clock.now()))): Promise<UploadId> => {
    await world.stores.blobs.append(id, 0, chunks(BYTES));
    return id;
  };
  const record = (key: UploadId, state: 'open' | 'ended', dueInSeconds: number): Promise<void> => {
    const value = { state, owner: OWNER, offset: BYTES.byteLength, digest: null, algorithm: 'sha256' };
    const due = plusSeconds(world.clock.now(), dueInSeconds);
    return world.stores.operational.write([{ kind: 'put', collection: 'uploads', key, value, due }]);
  };
  const left = async (): Promise<UploadId[]> => {
    const uploads: UploadId[] = [];
    for await (const upload of world.stores.blobs.listUploads()) uploads.push(upload);
    return uploads;
  };

  it('removes the bytes of uploads that have no record and are too old', async () => {
    await staged();
    world.clock.pass(LIFETIME + DAY);
    const young = await staged();
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([young]);
  });

  it('leaves an upload alone that a call may still be feeding', async () => {
    const upload = await staged();
    world.clock.pass(LIFETIME + DAY - 1);
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([upload]);
  });

  it('leaves an old upload alone that was gone on with', async () => {
    const upload = await staged();
    await record(upload, 'open', LIFETIME + 2 * DAY);
    world.clock.pass(LIFETIME + DAY);
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([upload]);
  });

  it('removes authorization codes that have run out, whether or not uploads are removed', async () => {
    const collection = 'authorizationCodes';
    const { operational } = world.stores;
    const now = world.clock.now();
    await operational.write([
      { kind: 'put', collection, key: 'old', value: {}, due: now },
      { kind: 'put', collection, key: 'young', value: {}, due: plusSeconds(now, 1) },
    ]);
    const upload = await staged();
    await sweeper(false).sweep(new AbortController().signal);
    const codes = await operational.list(collection, { limit: 10 });
    expect(codes.map(({ key }) => key)).toEqual(['young']);
    world.clock.pass(LIFETIME + DAY);
    await sweeper(false).sweep(new AbortController().signal);
    expect(await left()).toEqual([upload]);
  });

  it('removes what an upload that has ended left', async () => {
    const upload = await staged();
    await record(upload, 'ended', LIFETIME + 2 * DAY);
    world.clock.pass(LIFETIME + DAY);
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([]);
  });

  it('removes uploads whose record has run out, and the record', async () => {
    const upload = await staged();
    await record(upload, 'open', LIFETIME);
    world.clock.pass(LIFETIME);
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([]);
    expect(await world.stores.operational.get('uploads', upload)).toBeUndefined();
  });

  it('leaves bytes alone whose name is no id of an upload', async () => {
    const stranger = await staged('stranger' as UploadId);
    world.clock.pass(10 * LIFETIME + 10 * DAY);
    await sweeper().sweep(new AbortController().signal);
    expect(await left()).toEqual([stranger]);
  });

  it('removes files that were left half-written', async () => {
    const temporary = join(world.folder, 'blobs', 'temporary');
    await mkdir(temporary, { recursive: true });
    await writeFile(join(temporary, 'old'), 'half');
    const old = millisecondsOf(world.clock.now()) / 1000 - 2 * DAY;
    await utimes(join(temporary, 'old'), old, old);
    await sweeper().sweep(new AbortController().signal);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('ends after the item that it is at', async () => {
    const ending = new AbortController();
    for (let number = 0; number < 3; number++) await record(await staged(), 'open', LIFETIME);
    world.clock.pass(LIFETIME);
    const { operational, blobs } = world.stores;
    const aborted: UploadId[] = [];
    const sweeping = new Sweeper({
      ...{ operational, clock: world.clock, sweepsUploads: true, uploadSeconds: LIFETIME },
      blobs: {
        listUploads: () => blobs.listUploads(),
        abort: async (upload) => {
          aborted.push(upload);
          await blobs.abort(upload);
          ending.abort();
        },
      },
    }).sweep(ending.signal);
    const thrown = await sweeping.catch((error: unknown) => error);
    expect(thrown).toBe(ending.signal.reason);
    expect(aborted).toHaveLength(1);
    expect(await operational.list('uploads', { limit: 10 })).toHaveLength(2);
    expect(await left()).toHaveLength(2);
  });
});
