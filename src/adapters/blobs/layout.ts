import { join } from 'node:path';
import { algorithmOf, hexOf, isDigest, type DigestAlgorithm } from '../../domain/shared/digest.js';
import type { ContentKey, Generation, UploadId } from '../../ports/blobStore.js';

/** Contents are for this registry's eyes; which of its users may see them is not the file system's to say. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;

/** What may be a file's name here: nothing that leaves its folder, nothing hidden. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

const isGeneration = (name: string): name is Generation => FILE_NAME.test(name);
export const isUploadId = (name: string): name is UploadId => FILE_NAME.test(name);

export const ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha512'];

/** The content key that an algorithm, a hash and a file's name make, or undefined if they make none. */
export function contentKeyOf(algorithm: string, hex: string, generation: string): ContentKey | undefined {
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) && isGeneration(generation) ? { digest, generation } : undefined;
}

/** `<digest>/<generation>`: the content's key in the small store, and its name in messages. */
export const smallKeyOf = ({ digest, generation }: ContentKey): string => `${digest}/${generation}`;

export function contentKeyOfSmall(key: string): ContentKey | undefined {
  const match = /^([^:/]+):([^:/]+)\/([^/]+)$/.exec(key);
  return match ? contentKeyOf(match[1] ?? '', match[2] ?? '', match[3] ?? '') : undefined;
}

/** Where the marker of the place lies below the root, on every engine. */
export const MARKER = 'marker/id';

/** What a marker's bytes say; an administrator may have stored them by hand. */
export const markerIn = (bytes: Uint8Array): string | undefined => Buffer.from(bytes).toString().trim() || undefined;

/**
 * Where things lie below the root: `sha256/ab/<hex>/<generation>` (two hex digits of fan-out), `uploads/<uploadId>`,
 * `marker/id`, and `temporary/<random>` for files on their way to their name.
 */
export class Layout {
  readonly uploads: string;
  readonly temporary: string;
  readonly marker: string;

  constructor(readonly root: string) {
    this.uploads = join(root, 'uploads');
    this.temporary = join(root, 'temporary');
    this.marker = join(root, MARKER);
  }

  algorithm(algorithm: DigestAlgorithm): string {
    return join(this.root, algorithm);
  }

  fanOut({ digest }: ContentKey): string {
    return join(this.algorithm(algorithmOf(digest)), hexOf(digest).slice(0, 2));
  }

  /** The folder of all generations of a digest. */
  generations(key: ContentKey): string {
    return join(this.fanOut(key), hexOf(key.digest));
  }

  /** @throws RangeError if the generation is no file name */
  content(key: ContentKey): string {
    if (!isGeneration(key.generation)) throw new RangeError('a generation must be usable as a file name');
    return join(this.generations(key), key.generation);
  }

  /** @throws RangeError if the upload id is no file name */
  upload(upload: UploadId): string {
    if (!isUploadId(upload)) throw new RangeError('an upload id must be usable as a file name');
    return join(this.uploads, upload);
  }
}
