import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chunks } from '../../test/support/chunks.js';
import { rethrown, TestClock, World } from '../../test/support/world.js';
import { EmbeddedEventBus } from '../adapters/bus/embedded.js';
import { everyOf } from '../adapters/blobs/sampleContents.js';
import { sampleEvent } from '../adapters/eventstore/sampleEvents.js';
import { Contents } from '../commands/contents.js';
import { RepositoryRemains } from '../commands/repositoryRemains.js';
import { repositoryStream } from '../commands/streamNames.js';
import { UploadIds } from '../commands/uploadIds.js';
import { Uploads, UploadUnknown, type UploadRecord } from '../commands/uploads.js';
import { TooManyUploads, UploadsInFlight } from '../commands/uploadsInFlight.js';
import type { EventEnvelope } from '../domain/shared/envelope.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { UploadId } from '../ports/blobStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import { createLog } from '../telemetry/log.js';
import { startConsumers } from './consumers.js';
import { Jobs } from './jobs.js';
import { JobWorker } from './jobWorker.js';
import { REPOSITORY_REMAINS, repositoryRemainsConsumer, repositoryRemainsHandler } from './repositoryRemains.js';

const SUBJECT = 'user:ada';
const never = new AbortController().signal;
const digest = (digit: string): Digest => digestOf('sha256', digit.repeat(64));
const deletion = (): EventEnvelope => ({ ...sampleEvent({}), type: 'RepositoryDeleted' });

describe('what a repository leaves when it is deleted', () => {
  let world: World;
  let clock: TestClock;
  let uploads: Uploads;
  let contents: Contents;
  let inFlight: UploadsInFlight;
  let remains: RepositoryRemains;
  let [doomed, other]: RepositoryId[] = [];

  beforeEach(async () => {
    world = await World.open();
    clock = new TestClock();
    [doomed, other] = [randomUUID() as RepositoryId, randomUUID() as RepositoryId];
    const { blobs, operational } = world.stores;
    contents = new Contents({
      blobs,
      operational,
      clock,
      ids: world.ids,
      notRemoved: rethrown,
      holdSeconds: 3_600,
      oneWriter: true,
    });
    inFlight = new UploadsInFlight(3, operational);
    uploads = new Uploads({
      ...{ blobs, operational, contents, inFlight, clock },
      ids: new UploadIds(Buffer.alloc(32, 1)),
      ...{ maximumBytes: 1_000_000, lifetimeSeconds: 3_600 },
    });
    remains = new RepositoryRemains({ operational, blobs, inFlight });
  });
  afterEach(() => world.close());

  const owner = (repositoryId = doomed) => {
    if (repositoryId === undefined) throw new Error('only a running test has repositories');
    return { repositoryId, subject: SUBJECT };
  };
  const unfinished = async (repositoryId = doomed): Promise<UploadId> => {
    const id = await uploads.begin(owner(repositoryId));
    const chunk = { source: chunks(Buffer.alloc(100_000, 'a')), length: undefined, start: undefined };
    await uploads.append(id, owner(repositoryId), chunk);
    return id;
  };
  const staged = (): Promise<readonly UploadId[]> => everyOf(world.stores.blobs.listUploads());

  it('is dropped, and nothing of others is', async () => {
    const [one, two, foreign] = [await unfinished(), await unfinished(), await unfinished(other)];
    await expect(uploads.begin(owner())).rejects.toThrow(TooManyUploads);
    await contents.hold(owner().repositoryId, digest('a'));
    await contents.hold(owner(other).repositoryId, digest('a'));

    await remains.drop(owner().repositoryId, never);
    for (const id of [one, two]) await expect(uploads.status(id, owner())).rejects.toThrow(UploadUnknown);
    expect(await staged()).toEqual([foreign]);
    expect(await uploads.status(foreign, owner(other))).toEqual({ offset: 100_000 });
    expect(await contents.heldUntil(owner().repositoryId, digest('a'))).toBeUndefined();
    expect(await contents.heldUntil(owner(other).repositoryId, digest('a'))).toBeDefined();
    await expect(uploads.begin(owner())).resolves.toBeDefined();

    await remains.drop(owner().repositoryId, never);
    expect(await staged()).toEqual([foreign]);
  });

  it('is dropped at the second try where the first one broke off', async () => {
    await unfinished();
    const { operational, blobs } = world.stores;
    const breaking = {
      get: operational.get.bind(operational),
      getMany: operational.getMany.bind(operational),
      list: operational.list.bind(operational),
      due: operational.due.bind(operational),
      write: () => Promise.reject(new StoreUnavailable('away')),
    };
    const first = new RepositoryRemains({ operational: breaking, blobs, inFlight });
    await expect(first.drop(owner().repositoryId, never)).rejects.toThrow(StoreUnavailable);
    await remains.drop(owner().repositoryId, never);
    expect(await staged()).toEqual([]);
    expect(await operational.list('uploads', { limit: 10 })).toMatchObject([{ value: { state: 'ended' } }]);
  });

  it('is left alone while the log knows nothing of an end: a bus can be told anything', async () => {
    const id = await unfinished();
    const handler = repositoryRemainsHandler(remains, () => Promise.resolve(false));
    await handler({ event: 'e', data: { repositoryId: owner().repositoryId }, signal: never });
    expect((await world.stores.operational.get<UploadRecord>('uploads', id))?.value.state).toBe('open');
  });

  it('goes by the bus and a job, once, although the event comes twice', async () => {
    const { events, operational } = world.stores;
    const id = await unfinished();
    await contents.hold(owner().repositoryId, digest('a'));
    const log = createLog({ level: 'silent' });
    const dropped: unknown[] = [];
    const done = Promise.withResolvers<undefined>();
    const handler = repositoryRemainsHandler(remains, () => Promise.resolve(true));
    const failures: unknown[] = [];
    const worker = new JobWorker({
      ...{ operational, clock, name: 'worker' },
      failed: (_, error) => failures.push(error),
      handlers: new Map([
        [
          REPOSITORY_REMAINS,
          async (job) => {
            dropped.push(job.data['repositoryId']);
            await handler(job);
            done.resolve(undefined);
          },
        ],
      ]),
    });
    worker.start();
    const added = (): void => {
      worker.soon();
    };
    const jobs = new Jobs({ operational, clock, added });
    const event = deletion();
    await events.append(repositoryStream(owner().repositoryId), [sampleEvent(), event], 'no-stream');

    const bus = new EmbeddedEventBus({ events, operational, clock, log });
    const consuming = await startConsumers(bus, jobs, [repositoryRemainsConsumer]);
    await done.promise;
    await worker.finished();
    await expect(uploads.status(id, owner())).rejects.toThrow(UploadUnknown);
    expect(await contents.heldUntil(owner().repositoryId, digest('a'))).toBeUndefined();
    await consuming.stop();

    // Another group with the same consumer gets everything from the beginning.
    const again = { ...repositoryRemainsConsumer, group: 'again' };
    const last = Promise.withResolvers<undefined>();
    const marked = {
      ...again,
      jobsOf: (one: Parameters<typeof again.jobsOf>[0]) => {
        if (one.type === 'RepositoryDeleted') last.resolve(undefined);
        return repositoryRemainsConsumer.jobsOf(one);
      },
    };
    const repeating = await startConsumers(bus, jobs, [marked]);
    await last.promise;
    await repeating.stop();
    await worker.look();
    await worker.stop();
    expect(dropped).toEqual([doomed]);
    expect(failures).toEqual([]);
    expect(await jobs.find({ kind: REPOSITORY_REMAINS, event: event.id })).toMatchObject({ value: { state: 'done' } });
  });
});
