import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, stat } from 'node:fs/promises';
import { Layout } from '../../src/adapters/blobs/layout.js';
import { brokenAfter, chunksOf, freshUpload, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import type { ContentKey, UploadId } from '../../src/ports/blobStore.js';
import { Acknowledgements } from './acknowledgements.js';
import type { BlobNote } from './blobNotes.js';
import { blobFolder, openBlobs, smallInOf } from './openBlobs.js';
import { between, seeded, type Random } from './random.js';

/*
 * Works on a blob store as a registry does, from several clients at once, and tells what the store acknowledged.
 * Arguments: the folder to work in, the file to acknowledge in, and `database`, `files` or `shared` (see openBlobs.ts).
 */

const KIB = 1024;
const LANES = 4;
/** More than what starts the write-back in the background. */
const LARGE_BYTES = 18 * 1024 * KIB;

const [root = '', acks = '', given = ''] = process.argv.slice(2);
const smallIn = smallInOf(given);
const blobs = await openBlobs(root, smallIn);
const { store } = blobs;
const layout = new Layout(blobFolder(root));
const notes = new Acknowledgements<BlobNote>(acks);

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function put(bytes: Uint8Array): Promise<ContentKey> {
  const key = keyOf(bytes);
  await store.put(key, bytes);
  notes.say({ kind: 'stored', key });
  return key;
}

async function remove(key: ContentKey): Promise<void> {
  notes.say({ kind: 'deleting', key });
  await store.delete(key);
  notes.say({ kind: 'deleted', key });
}

/** Leaves an upload as a loss of power leaves it within `finish`: its bytes have a content's name beside their own. */
async function interruptFinish(upload: UploadId, bytes: Uint8Array): Promise<void> {
  // There uploads are no single file.
  if (smallIn === 'shared') return;
  const staged = await stat(layout.upload(upload)).catch(() => undefined);
  if (staged?.size !== bytes.byteLength) return;
  const key = keyOf(bytes);
  await mkdir(layout.generations(key), { recursive: true });
  await link(layout.upload(upload), layout.content(key));
}

/** Sends bytes of which nobody is told that they came. */
const sendInVain = async (upload: UploadId, end: number, bytes: Uint8Array): Promise<void> => {
  const untold = (): Promise<void> => Promise.reject(new Error('the session store is away'));
  await store.append(upload, end, brokenAfter(bytes), untold).catch(() => undefined);
};

/** Uploads in several calls, some of which break half-way, then finishes or aborts. */
async function upload(random: Random, bytes: Uint8Array): Promise<ContentKey | undefined> {
  const id = freshUpload();
  const staged = (end: number): Promise<void> => {
    notes.say({ kind: 'staged', upload: id, end, hash: hashOf(bytes.subarray(0, end)) });
    return Promise.resolve();
  };
  for (let end = 0; end < bytes.byteLength;) {
    const part = bytes.subarray(end, end + between(random, 1, bytes.byteLength - end));
    const chunk = between(random, 100, 100 * KIB);
    const luck = random();
    if (luck < 0.15) {
      await sendInVain(id, end, part);
    } else if (luck < 0.3) {
      const tell = (kept: number): Promise<void> => {
        end = kept;
        return staged(kept);
      };
      await store.append(id, end, brokenAfter(part, chunk), tell).catch(() => undefined);
    } else {
      if (luck > 0.8) await interruptFinish(id, bytes.subarray(0, end));
      end = await store.append(id, end, chunksOf(part, chunk));
      await staged(end);
    }
  }
  if (random() < 0.2) {
    notes.say({ kind: 'aborting', upload: id });
    await store.abort(id);
    notes.say({ kind: 'aborted', upload: id });
    return undefined;
  }
  if (random() < 0.3) await sendInVain(id, bytes.byteLength, randomBytes(between(random, 1, 100 * KIB)));
  const key = keyOf(bytes);
  notes.say({ kind: 'finishing', upload: id, key });
  await store.finish(id, key, bytes.byteLength);
  notes.say({ kind: 'finished', upload: id, key });
  return key;
}

async function lane(random: Random, rounds: number): Promise<void> {
  const mine: ContentKey[] = [];
  // Some contents are stored again and again: their generations share a folder that comes and goes.
  const common = Buffer.from('what every image has');
  for (let round = 0; round < rounds; round += 1) {
    const bytes = random() < 0.3 ? common : randomBytes(between(random, 0, 200 * KIB));
    const key = random() < 0.4 ? await put(bytes) : await upload(random, bytes);
    if (key) mine.push(key);
    const oldest = random() < 0.4 ? mine.shift() : undefined;
    if (oldest) await remove(oldest);
  }
}

const lanes = (seed: number, rounds: number): Promise<void>[] =>
  Array.from({ length: LANES }, (_, index) => lane(seeded(seed + index), rounds));

await Promise.all(lanes(1, 9));
// Towards the end, so that not every moment that is looked at has to write this much.
await Promise.all([...lanes(50, 3), upload(seeded(100), randomBytes(LARGE_BYTES))]);
notes.close();
await blobs.close();
