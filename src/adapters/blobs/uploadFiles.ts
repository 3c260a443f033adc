import { constants } from 'node:fs';
import { copyFile, link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { OffsetConflict } from '../../ports/errors.js';
import type { ContentKey, UploadId } from '../../ports/blobStore.js';
import { namesIn, type ContentFiles } from './contentFiles.js';
import type { DurableFolders } from './durableFolders.js';
import { FileRange } from './fileRange.js';
import { FILE_MODE, isUploadId, type Layout } from './layout.js';
import { pour } from './pour.js';
import { hasCode, onDisk, unless } from './storageErrors.js';
import type { Uploads } from './uploads.js';

const { O_CREAT, O_RDWR } = constants;

/** Uploads in a file each. */
export class UploadFiles implements Uploads {
  readonly #layout: Layout;
  readonly #folders: DurableFolders;
  readonly #contents: ContentFiles;

  constructor(layout: Layout, folders: DurableFolders, contents: ContentFiles) {
    this.#layout = layout;
    this.#folders = folders;
    this.#contents = contents;
  }

  async append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
  ): Promise<number> {
    const file = await onDisk(this.#openAt(upload, offset));
    try {
      // Only at the start can the name be new; it is written out while the bytes come in.
      const named = offset === 0 ? onDisk(this.#folders.sync(this.#layout.uploads)) : Promise.resolve();
      named.catch(() => undefined);
      return await pour(file, offset, source, named, kept);
    } finally {
      await file.close();
    }
  }

  async *read(upload: UploadId, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await unless(['ENOENT'], open(this.#layout.upload(upload), 'r'));
    if (!file) {
      if (length > 0) throw new OffsetConflict(length, 0);
      return;
    }
    const bytes = new FileRange(file, 0, length);
    try {
      const { size } = await file.stat();
      if (size < length) throw new OffsetConflict(length, size);
      yield* bytes;
    } finally {
      await bytes.return();
    }
  }

  async finish(upload: UploadId, key: ContentKey, size: number): Promise<void> {
    const path = this.#layout.upload(upload);
    await onDisk(this.#name(upload, key, size));
    // Not written out to the disk: should the name come back after a loss of power, it is one more upload to clean up.
    await unless(['ENOENT'], unlink(path));
  }

  async abort(upload: UploadId): Promise<void> {
    const dropped = unlink(this.#layout.upload(upload)).then(() => this.#folders.sync(this.#layout.uploads));
    await unless(['ENOENT'], onDisk(dropped));
  }

  async *list(): AsyncGenerator<UploadId, void, undefined> {
    for await (const name of namesIn(this.#layout.uploads)) if (isUploadId(name)) yield name;
  }

  /** Opens an upload that ends exactly at `offset`. */
  async #openAt(upload: UploadId, offset: number): Promise<FileHandle> {
    if (offset === 0) await this.#folders.ensure(this.#layout.uploads);
    const file = await this.#openOwn(upload, offset);
    try {
      const { size } = await file.stat();
      if (size < offset) throw new OffsetConflict(offset, size);
      if (size > offset) await file.truncate(offset);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Opens an upload for writing. If a loss of power caught `finish` between naming the content and dropping the upload,
   * both names lead to the same bytes: the upload gets a copy of its own before it is written to.
   */
  async #openOwn(upload: UploadId, offset: number): Promise<FileHandle> {
    const path = this.#layout.upload(upload);
    const file = await unless(['ENOENT'], open(path, O_RDWR | (offset === 0 ? O_CREAT : 0), FILE_MODE));
    if (!file) throw new OffsetConflict(offset, 0);
    try {
      if ((await file.stat()).nlink <= 1) return file;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    await this.#contents.viaTemporary(async (temporary) => {
      await copyFile(path, temporary);
      const copy = await open(temporary, 'r+');
      await copy.sync().finally(() => copy.close());
      await rename(temporary, path);
    });
    await this.#folders.sync(this.#layout.uploads);
    return open(path, O_RDWR);
  }

  /** Gives the staged file its content's name, beside its own one: at no moment does the disk hold neither. */
  async #name(upload: UploadId, key: ContentKey, size: number): Promise<void> {
    if (size === 0) return this.#contents.put(key, new Uint8Array());
    const path = this.#layout.upload(upload);
    await this.#trim(upload, size);
    await this.#contents.place(key, async (target) => {
      try {
        await link(path, target);
      } catch (error) {
        // Already there: this is a repetition. Not permitted or not known: the file system has no second names.
        if (!hasCode(error, 'EEXIST', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) throw error;
        await rename(path, target);
      }
    });
  }

  async #trim(upload: UploadId, size: number): Promise<void> {
    const file = await this.#openOwn(upload, size);
    try {
      const staged = (await file.stat()).size;
      if (staged < size) throw new OffsetConflict(size, staged);
      if (staged === size) return;
      await file.truncate(size);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}
