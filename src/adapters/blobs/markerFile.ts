import { readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ContentFiles } from './contentFiles.js';
import type { DurableFolders } from './durableFolders.js';
import { markerIn, type Layout } from './layout.js';
import { onDisk, unless } from './storageErrors.js';

/** The file that tells the folder of the store from an empty one in its stead. */
export class MarkerFile {
  constructor(
    private readonly layout: Layout,
    private readonly folders: DurableFolders,
    private readonly contents: ContentFiles,
  ) {}

  async read(): Promise<string | undefined> {
    const bytes = await onDisk(unless(['ENOENT', 'ENOTDIR'], readFile(this.layout.marker)));
    return bytes && markerIn(bytes);
  }

  async write(marker: string): Promise<void> {
    const { layout, folders, contents } = this;
    const folder = dirname(layout.marker);
    const writing = contents.viaTemporary(async (temporary) => {
      await contents.writeDurably(temporary, Buffer.from(marker));
      await folders.ensure(folder);
      await rename(temporary, layout.marker);
      await folders.sync(folder);
    });
    await onDisk(writing);
  }
}
