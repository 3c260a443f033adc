import { randomUUID } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { namesIn } from '../../contentFiles.js';
import { DurableFolders } from '../../durableFolders.js';
import { FILE_MODE } from '../../layout.js';
import { hasCode, unless } from '../../storageErrors.js';

/** Times that a folder is made again which another process found empty and removed. */
const TRIES = 10;
const FIRST_PAUSE_MS = 1;

/**
 * Names in a folder that several processes use, and how things come there so that they survive a loss of power. The folder
 * of an object comes and goes with its objects, in whichever process; those above it stay.
 */
export class Places {
  readonly #root: string;
  readonly #temporary: string;
  readonly #folders: DurableFolders;

  constructor(root: string) {
    this.#root = resolve(root);
    this.#temporary = join(this.#root, 'temporary');
    this.#folders = new DurableFolders(this.#root);
  }

  path(name: string): string {
    return join(this.#root, name);
  }

  /**
   * Lets `give` make a name, whose folder is there then, and makes it durable.
   *
   * @throws Error ENOENT if that is not about the folder
   */
  async place<T>(path: string, give: () => Promise<T>): Promise<T> {
    const given = await this.named(path, give);
    await this.syncName(path);
    return given;
  }

  /** As `place`, but the name is durable only after `syncName`. */
  async named<T>(path: string, give: () => Promise<T>): Promise<T> {
    const folder = dirname(path);
    await this.#folders.ensure(dirname(folder));
    for (let tries = 1; ; tries += 1) {
      await this.#folders.make(folder);
      try {
        return await give();
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || tries === TRIES) throw error;
        await sleep(FIRST_PAUSE_MS * tries);
      }
    }
  }

  /** Makes a name durable, and that of its folder. One that somebody removed meanwhile needs nothing. */
  async syncName(path: string): Promise<void> {
    const folder = dirname(path);
    await Promise.all([unless(['ENOENT'], this.#folders.sync(folder)), this.#folders.sync(dirname(folder))]);
  }

  /** Writes out which names a folder has. */
  sync(folder: string): Promise<void> {
    return this.#folders.sync(folder);
  }

  /** Lends a path that nobody else has; what is left there afterwards is removed. */
  async viaTemporary<T>(work: (temporary: string) => Promise<T>): Promise<T> {
    await this.#folders.ensure(this.#temporary);
    const temporary = join(this.#temporary, randomUUID());
    try {
      return await work(temporary);
    } finally {
      // What cannot be removed now is swept.
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Removes what processes that died left on its way to its name. @returns how much */
  async sweep(before: Date): Promise<number> {
    let swept = 0;
    for await (const name of namesIn(this.#temporary)) {
      const path = join(this.#temporary, name);
      const found = await unless(['ENOENT'], stat(path));
      if (!found || found.mtime >= before) continue;
      await rm(path, { recursive: true, force: true });
      swept += 1;
    }
    return swept;
  }
}

/** A new file with these bytes, which are durable; its name is not. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
