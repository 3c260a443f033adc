import { createHash, hash } from 'node:crypto';
import { algorithmOf, digestOf } from '../../domain/shared/digest.js';
import type { BlobStore, ContentKey, UploadId } from '../../ports/blobStore.js';
import { ContentMissing } from '../../ports/errors.js';
import { SMALL_BYTES } from '../contents.js';
import type { DamagedContent } from './refusals.js';

type Content = { readonly key: ContentKey; readonly size: number };
type Passed = (bytes: number) => void;
type Reason = DamagedContent['reason'];

/** The bytes that came are not those of the digest. */
class Altered extends Error {}

/**
 * Copies a content and hashes it on its way: under its name in the target stands nothing but what the digest says.
 *
 * @returns why it could not be copied; undefined if it was
 */
export async function copyBytes(
  source: BlobStore,
  target: BlobStore,
  content: Content,
  passed: Passed,
): Promise<Reason | undefined> {
  try {
    await (content.size <= SMALL_BYTES ? copySmall : copyLarge)(source, target, content, passed);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Reads a content and hashes it. @returns what is wrong with it; undefined if nothing is */
export async function checkBytes(
  blobs: Pick<BlobStore, 'stream'>,
  { key, size }: Content,
  passed: Passed,
): Promise<Reason | undefined> {
  try {
    for await (const chunk of hashed(await blobs.stream(key), key, size)) passed(chunk.byteLength);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

async function copySmall(source: BlobStore, target: BlobStore, { key }: Content, passed: Passed): Promise<void> {
  const bytes = await source.read(key);
  const algorithm = algorithmOf(key.digest);
  if (digestOf(algorithm, hash(algorithm, bytes, 'hex')) !== key.digest) throw new Altered();
  await target.put(key, bytes);
  passed(bytes.byteLength);
}

async function copyLarge(source: BlobStore, target: BlobStore, { key, size }: Content, passed: Passed): Promise<void> {
  const bytes = hashed(await source.stream(key), key, size);
  const upload = uploadOf(key);
  // What a copy that was interrupted left.
  await target.abort(upload);
  try {
    await target.append(upload, 0, watched(bytes, passed));
    await target.finish(upload, key, size);
  } catch (error) {
    await target.abort(upload);
    throw error;
  }
}

/**
 * The same for the same content, so that who goes on finds what is left; and one that began long ago, so that otherwise
 * the sweeper does.
 *
 * @see UploadIds
 */
function uploadOf({ digest, generation }: ContentKey): UploadId {
  const hex = hash('sha256', `${digest}/${generation}`, 'hex');
  return `00000000-0000-8${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}` as UploadId;
}

/** @throws Altered at the end, unless they were the bytes of the digest */
async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  { digest }: ContentKey,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const algorithm = algorithmOf(digest);
  const computing = createHash(algorithm);
  let length = 0;
  for await (const chunk of bytes) {
    computing.update(chunk);
    length += chunk.byteLength;
    yield chunk;
  }
  if (length !== size || digestOf(algorithm, computing.digest('hex')) !== digest) throw new Altered();
}

async function* watched(bytes: AsyncIterable<Uint8Array>, passed: Passed): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    passed(chunk.byteLength);
    yield chunk;
  }
}

function reasonOf(error: unknown): Reason {
  if (error instanceof Altered) return 'altered';
  if (error instanceof ContentMissing) return 'missing';
  throw error;
}
