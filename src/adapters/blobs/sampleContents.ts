import { createHash, randomUUID } from 'node:crypto';
import { digestOf, type DigestAlgorithm } from '../../domain/shared/digest.js';
import type { ContentKey, Generation, UploadId } from '../../ports/blobStore.js';

/* What the blob store's tests put in, and how they take it out. */

export const freshGeneration = (): Generation => randomUUID() as Generation;
export const freshUpload = (): UploadId => randomUUID() as UploadId;

/** A fresh key for these bytes. */
export const keyOf = (bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): ContentKey => ({
  digest: digestOf(algorithm, createHash(algorithm).update(bytes).digest('hex')),
  generation: freshGeneration(),
});

/** A source of these bytes in chunks of some size, like a request body. */
export async function* chunksOf(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** A source that yields these bytes and then fails like a connection that breaks. */
export async function* brokenAfter(bytes: Uint8Array, size?: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunksOf(bytes, size);
  throw new Error('the client went away');
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function everyOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
