import { createHash, hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Contents } from '../../src/commands/contents.js';
import { UploadIds, type UploadOwner } from '../../src/commands/uploadIds.js';
import { Uploads, type Chunk, type UploadRecord } from '../../src/commands/uploads.js';
import { UploadsInFlight } from '../../src/commands/uploadsInFlight.js';
import { digestOf, type Digest } from '../../src/domain/shared/digest.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import type { Timestamp } from '../../src/domain/shared/time.js';
import type { UploadId } from '../../src/ports/blobStore.js';
import type { OperationalStore } from '../../src/ports/operationalStore.js';
import { chunks } from './chunks.js';
import { rethrown, TestClock, World } from './world.js';

/* What tests of uploads share: a world for each file, and in it other uploads, clock and bytes for each test. */

export const OWNER: UploadOwner = { repositoryId: 'repository' as RepositoryId, subject: 'user:ada' };
export const MAXIMUM = 400_000;
export const LIFETIME = 3_600;

export const sha256 = (text: string): Digest => digestOf('sha256', hash('sha256', text));
export const sha512 = (text: string): Digest => digestOf('sha512', createHash('sha512').update(text).digest('hex'));

export const source = (...texts: string[]): AsyncIterable<Uint8Array> =>
  chunks(...texts.map((text) => Buffer.from(text)));

/** A client that streams, without saying where it begins or how much it brings. */
export const streamed = (...texts: string[]): Chunk => ({
  source: source(...texts),
  length: undefined,
  start: undefined,
});
/** A client that says where its piece begins. */
export const placed = (start: number, text: string): Chunk => ({ source: source(text), length: text.length, start });

export async function* breakingOff(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* source(...texts);
  throw new Error('the client went away');
}

export async function* slow(goOn: Promise<void>, text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
  await goOn;
}

/** Something that one waits for and another gives. */
export function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    given: promise,
    give: () => {
      resolve(undefined);
    },
  };
}

export let world: World;
export let clock: TestClock;
export let uploads: Uploads;
export let upload: UploadId;
/** More than is taken into memory in one go; other bytes in each test, because the stores remember. */
export let [A, B, small] = ['', '', ''];
let tests = 0;

/** Makes the world of a test file, and for each of its tests clock, uploads and one that was begun. */
export function uploadsUnderTest(): void {
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    clock = new TestClock();
    const mark = (++tests).toString().padStart(10, '0');
    [A, B, small] = [
      mark.replaceAll('0', 'a').repeat(10_000),
      mark.replaceAll('0', 'b').repeat(10_000),
      `small ${mark}`,
    ];
    uploads = process();
    upload = await uploads.begin(OWNER);
  });
}

/** The uploads of one process more on the same stores. */
export const process = (operational: OperationalStore = world.stores.operational, limit = 100): Uploads => {
  const { ids } = world;
  const { blobs } = world.stores;
  const contents = new Contents({
    blobs,
    operational,
    clock,
    ids,
    notRemoved: rethrown,
    holdSeconds: 3_600,
    oneWriter: true,
  });
  const own = { ids: new UploadIds(Buffer.alloc(32, 1)), inFlight: new UploadsInFlight(limit, operational) };
  return new Uploads({
    blobs,
    operational,
    contents,
    clock,
    ...own,
    maximumBytes: MAXIMUM,
    lifetimeSeconds: LIFETIME,
  });
};

const contents = (): Contents => {
  const { ids } = world;
  const { blobs, operational } = world.stores;
  return new Contents({ blobs, operational, clock, ids, notRemoved: rethrown, holdSeconds: 3_600, oneWriter: true });
};

/** The content under a digest, as text. */
export const stored = async (digest: Digest): Promise<string | undefined> => {
  const content = await contents().locate(digest);
  return content && Buffer.from(await world.stores.blobs.read(content)).toString();
};

export const heldUntil = (digest: Digest): Promise<Timestamp | undefined> =>
  contents().heldUntil(OWNER.repositoryId, digest);
export const record = async (): Promise<UploadRecord | undefined> =>
  (await world.stores.operational.get<UploadRecord>('uploads', upload))?.value;
/** Whether the upload has left bytes that are no content. */
export const isStaged = async (): Promise<boolean> => {
  for await (const id of world.stores.blobs.listUploads()) if (id === upload) return true;
  return false;
};
