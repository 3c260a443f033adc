import { hash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { StreamName } from '../../domain/shared/ids.js';
import type { Snapshot, SnapshotStore } from '../../ports/snapshotStore.js';
import { hasCode } from '../blobs/storageErrors.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** The fastest level: what is saved is time. */
const LEVEL = 1;

/** A compressed file for each stream, appearing under its name when it is whole; not synced, because it may be lost. */
export class FileSnapshots implements SnapshotStore {
  constructor(private readonly folder: string) {}

  async load(stream: StreamName): Promise<Snapshot | undefined> {
    const path = this.#path(stream);
    try {
      // Only `save` writes these files, and whoever uses one checks it against the log.
      return JSON.parse((await decompress(await readFile(path))).toString('utf8')) as Snapshot;
    } catch (error) {
      // A file that a power cut left in pieces is worth as little as none.
      if (!hasCode(error, 'ENOENT')) await rm(path, { force: true });
      return undefined;
    }
  }

  async save(stream: StreamName, snapshot: Snapshot): Promise<void> {
    const path = this.#path(stream);
    const partial = `${path}.${randomUUID()}`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(partial, await compress(JSON.stringify(snapshot), { level: LEVEL }));
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** Stream names may hold what file names may not. */
  #path(stream: StreamName): string {
    const name = hash('sha256', stream, 'hex');
    return join(this.folder, name.slice(0, 2), `${name}.json.gz`);
  }
}
