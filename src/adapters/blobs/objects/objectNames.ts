import { algorithmOf, hexOf } from '../../../domain/shared/digest.js';
import type { ContentKey, UploadId } from '../../../ports/blobStore.js';
import { ALGORITHMS, contentKeyOf, isUploadId, MARKER } from '../layout.js';

/**
 * Where things lie below the configured path: `sha256/ab/<hex>/<generation>` as on a file system,
 * `uploads/<uploadId>/state`, `uploads/<uploadId>/<writer>.<number>` for its pieces, and `marker/id`.
 */
export class ObjectNames {
  /** Ends with a slash, or is empty. */
  readonly root: string;
  readonly uploads: string;
  readonly marker: string;

  constructor(path: string) {
    const parts = path.split('/').filter((part) => part !== '');
    this.root = parts.map((part) => `${part}/`).join('');
    this.uploads = `${this.root}uploads/`;
    this.marker = `${this.root}${MARKER}`;
  }

  /** What stands before the names of all contents. */
  get contents(): readonly string[] {
    return ALGORITHMS.map((algorithm) => `${this.root}${algorithm}/`);
  }

  /** @throws RangeError if the generation cannot stand in a name */
  content({ digest, generation }: ContentKey): string {
    const [algorithm, hex] = [algorithmOf(digest), hexOf(digest)];
    if (!contentKeyOf(algorithm, hex, generation)) throw new RangeError('a generation must be usable as a file name');
    return `${this.root}${algorithm}/${hex.slice(0, 2)}/${hex}/${generation}`;
  }

  contentKey(name: string): ContentKey | undefined {
    const [algorithm = '', , hex = '', generation = '', more] = name.slice(this.root.length).split('/');
    return more === undefined ? contentKeyOf(algorithm, hex, generation) : undefined;
  }

  /** @throws RangeError if the upload id cannot stand in a name */
  upload(upload: UploadId): string {
    if (!isUploadId(upload)) throw new RangeError('an upload id must be usable as a file name');
    return `${this.uploads}${upload}/`;
  }

  state(upload: UploadId): string {
    return `${this.upload(upload)}state`;
  }
}
