import { copyFile, link, open, opendir, rename, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ByteRange } from '../../../../ports/blobStore.js';
import { ContentMissing } from '../../../../ports/errors.js';
import { FileRange } from '../../fileRange.js';
import { FileWriter } from '../../fileWriter.js';
import { FILE_MODE } from '../../layout.js';
import { pour } from '../../pour.js';
import { hasCode, onDisk, unless } from '../../storageErrors.js';
import type { ObjectStore, ObjectWriter, OpenObject, Piece, Version } from '../objectStore.js';
import { Places, writeDurably } from './places.js';
import { versionedIn, VersionedFiles } from './versionedFiles.js';

/** A file can be joined whatever its size, but many small ones make a long list: each is read back up to here. */
const PIECE_BYTES = 1024 * 1024;
/** What a file system answers that gives a file no second name, or not there. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'];

/**
 * Objects as files in a folder that several processes use, on one machine or on many: a mounted volume, NFS. A slash in a
 * name is a folder's. Nothing is locked and no process knows of another: a name is given to bytes that are durable already,
 * and of two who want the same one the file system lets one have it.
 */
export class FolderObjects implements ObjectStore {
  readonly pieceBytes = PIECE_BYTES;
  readonly lends = true;
  readonly #places: Places;
  readonly #versioned: VersionedFiles;

  /** @param root a folder of the store's own; it need not exist yet */
  constructor(root: string) {
    this.#places = new Places(root);
    this.#versioned = new VersionedFiles(this.#places);
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.#places.path(name);
    const putting = this.#places.viaTemporary(async (temporary) => {
      await writeDurably(temporary, bytes);
      await this.#places.place(target, () => rename(temporary, target));
    });
    await onDisk(putting);
  }

  /** Straight into a file of that name. */
  async write(name: string): Promise<ObjectWriter> {
    const path = this.#places.path(name);
    const file = await onDisk(this.#places.named(path, () => open(path, 'wx', FILE_MODE)));
    // The name is written out while the bytes come in.
    return new ObjectFileWriter(file, onDisk(this.#places.syncName(path)));
  }

  putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean> {
    return onDisk(this.#versioned.putIf(name, bytes, expected));
  }

  removeIf(name: string, expected: Version): Promise<boolean> {
    return onDisk(this.#versioned.removeIf(name, expected));
  }

  get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
    return onDisk(this.#versioned.get(name));
  }

  async open(name: string, range?: ByteRange, lent = false): Promise<OpenObject | undefined> {
    const file = await onDisk(unless(MISSING, open(this.#places.path(name), 'r')));
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      const { start, end } = range ?? { start: 0, end: size - 1 };
      if (start > end + 1 || end >= size) throw new RangeError(`${name} has no bytes ${start}-${end}`);
      const body = new FileRange(file, start, end + 1, lent ? 'lent' : 'own');
      const discard = (): void => {
        body.return().catch(() => undefined);
      };
      return { size, body, discard };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async size(name: string): Promise<number | undefined> {
    return (await onDisk(unless(MISSING, stat(this.#places.path(name)))))?.size;
  }

  /** @throws ContentMissing if a piece is gone */
  async join(pieces: readonly Piece[], target: string): Promise<void> {
    const [first, ...more] = pieces;
    if (!first) throw new RangeError('there is nothing to join');
    try {
      if (more.length > 0 || !(await this.#hasLinked(first, target))) await onDisk(this.#copy(pieces, target));
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? new ContentMissing(first.name) : error;
    }
  }

  async remove(name: string): Promise<void> {
    await onDisk(this.#remove(name));
  }

  async *list(prefix: string): AsyncGenerator<{ readonly name: string; readonly size: number }, void, undefined> {
    const top = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const { name, isFolder } of this.#entries(top)) {
      if (!name.startsWith(prefix)) continue;
      if (isFolder) yield* this.list(`${name}/`);
      const size = isFolder ? undefined : await this.#sizeOf(name);
      if (size !== undefined) yield { name, size };
    }
  }

  async *folders(prefix: string): AsyncGenerator<string, void, undefined> {
    for await (const { name, isFolder } of this.#entries(prefix)) if (isFolder) yield name.slice(prefix.length);
  }

  sweepJoins(_prefix: string, before: Date): Promise<number> {
    return onDisk(this.#places.sweep(before));
  }

  async #sizeOf(name: string): Promise<number | undefined> {
    return (await this.size(name)) ?? (await this.get(name))?.bytes.byteLength;
  }

  /** One piece is the whole: it gets a second name. @returns false where there are no second names */
  async #hasLinked({ name }: Piece, target: string): Promise<boolean> {
    const [from, to] = [this.#places.path(name), this.#places.path(target)];
    const linking = this.#places.place(to, async () => {
      try {
        await link(from, to);
        return true;
      } catch (error) {
        // Already there: this is a repetition.
        if (hasCode(error, 'EEXIST')) return true;
        if (hasCode(error, ...NO_LINKS)) return false;
        throw error;
      }
    });
    return onDisk(linking);
  }

  /** The kernel copies the first piece, or only notes it twice; there is no call for the others in this runtime. */
  async #copy([first, ...more]: readonly Piece[], target: string): Promise<void> {
    const to = this.#places.path(target);
    await this.#places.viaTemporary(async (temporary) => {
      await copyFile(this.#places.path(first?.name ?? ''), temporary);
      const file = await open(temporary, 'r+');
      try {
        await pour(file, first?.size ?? 0, this.#bytesOf(more), Promise.resolve());
      } finally {
        await file.close();
      }
      await this.#places.place(to, () => rename(temporary, to));
    });
  }

  async *#bytesOf(pieces: readonly Piece[]): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { name, size } of pieces) {
      yield* new FileRange(await open(this.#places.path(name), 'r'), 0, size);
    }
  }

  /** With the folder, if it was the last; another process that puts something there makes the folder again. */
  async #remove(name: string): Promise<void> {
    const path = this.#places.path(name);
    const folder = dirname(path);
    const isPlain = await unless(
      MISSING,
      unlink(path).then(() => true),
    );
    if (!isPlain) await this.#versioned.remove(name);
    const emptied = await unless(
      ['ENOTEMPTY', 'EEXIST', 'EBUSY', ...MISSING],
      rmdir(folder).then(() => true),
    );
    // A folder that is not there was removed with its last name, and its own folder may not have been written out.
    await unless(MISSING, this.#places.sync(emptied ? dirname(folder) : folder));
  }

  async *#entries(prefix: string): AsyncGenerator<{ readonly name: string; readonly isFolder: boolean }> {
    const folder = this.#places.path(prefix);
    const entries = await onDisk(unless(MISSING, opendir(folder)));
    if (!entries) return;
    for await (const entry of entries) {
      const versioned = versionedIn(entry.name);
      const name = `${prefix}${versioned ?? entry.name}`;
      yield { name, isFolder: versioned === undefined && entry.isDirectory() };
    }
  }
}

const MISSING = ['ENOENT', 'ENOTDIR'];

class ObjectFileWriter implements ObjectWriter {
  readonly #writer: FileWriter;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly file: FileHandle,
    private readonly named: Promise<void>,
  ) {
    this.#writer = new FileWriter(file, 0);
    named.catch(() => undefined);
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    return this.#writer.add(chunk);
  }

  async finish(): Promise<void> {
    try {
      await Promise.all([this.#writer.finish(), this.named]);
    } finally {
      await this.discard();
    }
  }

  discard(): Promise<void> {
    this.#closed ??= this.#writer.idle().then(() => this.file.close());
    return this.#closed;
  }
}
