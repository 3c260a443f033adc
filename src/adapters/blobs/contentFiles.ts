import { randomUUID } from 'node:crypto';
import { open, opendir, rename, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentKey } from '../../ports/blobStore.js';
import { ContentMissing } from '../../ports/errors.js';
import type { DurableFolders } from './durableFolders.js';
import { KeyedLock } from './keyedLock.js';
import { ALGORITHMS, contentKeyOf, FILE_MODE, smallKeyOf, type Layout } from './layout.js';
import { unless } from './storageErrors.js';

/** Finished contents, one file each. */
export class ContentFiles {
  readonly #layout: Layout;
  readonly #folders: DurableFolders;
  /** Per digest: a folder that was found empty must not be removed while a new generation moves in. */
  readonly #digests = new KeyedLock();

  constructor(layout: Layout, folders: DurableFolders) {
    this.#layout = layout;
    this.#folders = folders;
  }

  /** Stores a whole content. */
  async put(key: ContentKey, bytes: Uint8Array): Promise<void> {
    await this.viaTemporary(async (temporary) => {
      await this.writeDurably(temporary, bytes);
      await this.place(key, (target) => rename(temporary, target));
    });
  }

  /**
   * Lets `name` give a durable file the content's name and makes that name durable, with those of all folders above.
   *
   * @param name gets the path that the content is to have; its folder is there
   */
  async place(key: ContentKey, name: (target: string) => Promise<void>): Promise<void> {
    const target = this.#layout.content(key);
    const fanOut = this.#layout.fanOut(key);
    const folder = this.#layout.generations(key);
    await this.#folders.ensure(fanOut);
    await this.#digests.run(key.digest, async () => {
      await this.#folders.make(folder);
      await name(target);
      await Promise.all([this.#folders.sync(folder), this.#folders.sync(fanOut)]);
    });
  }

  /** Lends the path of a file that is not there yet; what is left at it afterwards is removed. */
  async viaTemporary(work: (temporary: string) => Promise<void>): Promise<void> {
    await this.#folders.ensure(this.#layout.temporary);
    const temporary = join(this.#layout.temporary, randomUUID());
    try {
      await work(temporary);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** A file that has no name yet that counts. */
  async writeDurably(temporary: string, bytes: Uint8Array): Promise<void> {
    const file = await open(temporary, 'wx', FILE_MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** @throws ContentMissing */
  async open(key: ContentKey): Promise<FileHandle> {
    const file = await unless(['ENOENT'], open(this.#layout.content(key), 'r'));
    if (!file) throw new ContentMissing(smallKeyOf(key));
    return file;
  }

  /** Size in bytes, or undefined if the content is not there. */
  async size(key: ContentKey): Promise<number | undefined> {
    return (await unless(['ENOENT'], stat(this.#layout.content(key))))?.size;
  }

  /** Deletes a content, and its digest's folder with the last one. */
  async delete(key: ContentKey): Promise<void> {
    const target = this.#layout.content(key);
    const folder = this.#layout.generations(key);
    await this.#digests.run(key.digest, async () => {
      const removed = await unless(
        ['ENOENT'],
        unlink(target).then(() => true),
      );
      if (!removed) return;
      const emptied = await unless(
        ['ENOTEMPTY', 'EEXIST'],
        rmdir(folder).then(() => true),
      );
      await this.#folders.sync(emptied ? this.#layout.fanOut(key) : folder);
    });
  }

  /** Every content, in no order. What is deleted meanwhile may be missing; names that are none of ours are passed over. */
  async *list(): AsyncGenerator<ContentKey & { readonly size: number }, void, undefined> {
    for (const algorithm of ALGORITHMS) {
      const top = this.#layout.algorithm(algorithm);
      for await (const fanOut of namesIn(top)) {
        for await (const hex of namesIn(join(top, fanOut))) {
          for await (const generation of namesIn(join(top, fanOut, hex))) {
            const key = contentKeyOf(algorithm, hex, generation);
            if (!key) continue;
            const size = await this.size(key);
            if (size !== undefined) yield { ...key, size };
          }
        }
      }
    }
  }
}

/** The names in a folder, none if there is no such folder. */
export async function* namesIn(folder: string): AsyncGenerator<string, void, undefined> {
  const entries = await unless(['ENOENT', 'ENOTDIR'], opendir(folder));
  if (!entries) return;
  for await (const entry of entries) yield entry.name;
}
