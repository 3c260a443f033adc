import { hash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { rethrown, World } from '../../test/support/world.js';
import { Contents } from '../commands/contents.js';
import { digestOf } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import type { Administration } from './administration.js';
import { contentsAdministration } from './contentsAdministration.js';

let world: World;
/** Called before bytes are read. */
let before: () => Promise<void>;
let administration: Pick<Administration, 'verifyContents'>;

beforeEach(async () => {
  world = await World.open();
  const { blobs, operational } = world.stores;
  const { clock, ids } = world;
  const contents = new Contents({
    ...{ blobs, operational, clock, ids, holdSeconds: 3_600, oneWriter: true, notRemoved: rethrown },
  });
  await contents.storeBytes(digestOf('sha256', hash('sha256', 'a layer')), Buffer.from('a layer'));
  before = () => Promise.resolve();
  const stream: BlobStore['stream'] = async (...call) => {
    await before();
    return blobs.stream(...call);
  };
  administration = contentsAdministration({ operational, blobs: changed(blobs, stream) }, { contents });
});
afterEach(() => world.close());

/** The store, but for how it gives bytes. */
const changed = (blobs: BlobStore, stream: BlobStore['stream']): BlobStore =>
  new Proxy(blobs, {
    get: (target, name): unknown => (name === 'stream' ? stream : Reflect.get(target, name)),
  });

const verified = (signal?: AbortSignal) => administration.verifyContents(() => undefined, signal);

it('verifies contents once at a time in a process, and says so to the second one who asks', async () => {
  const reading = Promise.withResolvers<undefined>();
  const halted = Promise.withResolvers<undefined>();
  before = async () => {
    reading.resolve(undefined);
    await halted.promise;
  };
  const first = verified();
  await reading.promise;
  await expect(verified()).rejects.toThrow('the contents are being verified already');
  halted.resolve(undefined);
  expect(await first).toMatchObject({ contents: 1, findings: [] });
  expect(await verified()).toMatchObject({ contents: 1, findings: [] });
});

it('takes the next one after one that was ended', async () => {
  const ending = new AbortController();
  const reason = new Error('the caller has gone away');
  before = () => {
    ending.abort(reason);
    return Promise.resolve();
  };
  await expect(verified(ending.signal)).rejects.toBe(reason);
  before = () => Promise.resolve();
  expect(await verified()).toMatchObject({ contents: 1, findings: [] });
});
