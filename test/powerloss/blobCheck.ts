import { createHash } from 'node:crypto';
import { chunksOf, everyOf } from '../../src/adapters/blobs/sampleContents.js';
import { algorithmOf, hexOf } from '../../src/domain/shared/digest.js';
import type { BlobStore, ContentKey, UploadId } from '../../src/ports/blobStore.js';
import { OffsetConflict } from '../../src/ports/errors.js';
import type { Expected, Staged } from './blobNotes.js';

/** What is wrong with a store that was opened after a loss of power, in words; nothing if all promises were kept. */
export async function violations(store: BlobStore, expected: Expected): Promise<string[]> {
  const found: string[] = [];
  const check = async (what: string, promise: () => Promise<boolean>): Promise<void> => {
    const verdict = await promise().catch((error: unknown) => String(error));
    if (verdict !== true) found.push(verdict === false ? what : `${what}: ${verdict}`);
  };

  // Acknowledged or not: nothing may stand under a digest that is not its content.
  const contents = await everyOf(store.list());
  await Promise.all(contents.map((key) => check('a digest names other bytes', () => holds(store, key))));
  const listed = new Set<string>(contents.map(({ generation }) => generation));
  for (const { generation } of expected.stored.values()) {
    if (!listed.has(generation)) found.push('a stored content is gone');
  }
  for (const { generation } of expected.deleted.values()) {
    if (listed.has(generation)) found.push('a deleted content is back');
  }
  const staged = [...expected.staged.values()];
  await Promise.all(staged.map((one) => check('a staged upload is not what it was', () => holdsUpload(store, one))));
  for (const { staged: one, key } of expected.finishing.values()) {
    if (listed.has(key.generation)) continue;
    await check('an upload was lost while it was being finished', () => holdsUpload(store, one));
  }
  const uploads = new Set(await everyOf(store.listUploads()));
  for (const upload of expected.aborted) {
    if (uploads.has(upload)) found.push('an aborted upload is back');
  }
  return found;
}

/** What is wrong when such a store is used further: uploads go on, and what is left of finished ones is harmless. */
export async function violationsInUse(store: BlobStore, expected: Expected): Promise<string[]> {
  const found: string[] = [];
  const going = expected.staged.values().next().value;
  if (going) {
    const end = await store.append(going.upload, going.end, chunksOf(Buffer.from('more')));
    if (end !== going.end + 4 || !(await holdsUpload(store, going))) found.push('an upload does not go on');
  }
  for (const [upload, key] of await leftovers(store, expected)) {
    // One that has ended may refuse to come to life again.
    await store.append(upload, 0, chunksOf(Buffer.from('something else'))).catch((error: unknown) => {
      if (!(error instanceof OffsetConflict)) throw error;
    });
    if (!(await holds(store, key))) found.push('writing to a finished upload changed its content');
  }
  return found;
}

/** Uploads that are there although their content is there too. */
async function leftovers(store: BlobStore, expected: Expected): Promise<(readonly [UploadId, ContentKey])[]> {
  const found: (readonly [UploadId, ContentKey])[] = [];
  for await (const upload of store.listUploads()) {
    const key = expected.finished.get(upload) ?? expected.finishing.get(upload)?.key;
    if (key && (await store.stat(key)) !== undefined) found.push([upload, key]);
  }
  return found;
}

async function holds(store: BlobStore, key: ContentKey): Promise<boolean> {
  return (await hashOf(algorithmOf(key.digest), await store.stream(key))) === hexOf(key.digest);
}

const holdsUpload = async (store: BlobStore, { upload, end, hash }: Staged): Promise<boolean> =>
  (await hashOf('sha256', store.readUpload(upload, end))) === hash;

async function hashOf(algorithm: string, source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of source) hash.update(chunk);
  return hash.digest('hex');
}
