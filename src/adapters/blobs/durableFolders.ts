import { mkdir, open } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { FOLDER_MODE } from './layout.js';
import { hasCode, unless } from './storageErrors.js';

/** Makes changes of folders (new, renamed and removed names) survive a loss of power. */
export class DurableFolders {
  readonly #root: string;
  /** Folders whose own name is known to be on the disk. */
  readonly #durable = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** @param root what lies above it is made if need be, but may belong to somebody else */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Writes out a folder's names. Callers that come while it runs share one further run: it starts after their change,
   * so it covers it.
   */
  sync(folder: string): Promise<void> {
    const waiting = this.#next.get(folder);
    if (waiting) return waiting;
    const running = this.#running.get(folder);
    if (!running) return this.#run(folder);
    const begin = (): Promise<void> => {
      this.#next.delete(folder);
      return this.#run(folder);
    };
    const next = running.then(begin, begin);
    this.#next.set(folder, next);
    return next;
  }

  /**
   * Makes a folder, and those above it, so that it survives. One that is there already is not trusted the first time:
   * a process that died may have made it and never have written out its name. Only for folders that are never removed.
   */
  async ensure(folder: string): Promise<void> {
    if (this.#durable.has(folder)) return;
    await this.make(folder);
    await this.#syncNameOf(folder);
    this.#durable.add(folder);
  }

  /** Makes a folder if it is not there, and those above it; its own name is durable when its parent was synced. */
  async make(folder: string): Promise<void> {
    try {
      await makeFolder(folder);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await this.ensure(dirname(folder));
      await makeFolder(folder);
    }
  }

  async #syncNameOf(folder: string): Promise<void> {
    const sync = this.sync(dirname(folder));
    // Where we may not even look, the administrator made the folder long ago.
    await (folder.startsWith(this.#root + sep) ? sync : unless(['EACCES', 'EPERM'], sync));
  }

  #run(folder: string): Promise<void> {
    const run = syncFolder(folder).finally(() => {
      if (this.#running.get(folder) === run) this.#running.delete(folder);
    });
    this.#running.set(folder, run);
    return run;
  }
}

const makeFolder = (folder: string): Promise<void> => unless(['EEXIST'], mkdir(folder, { mode: FOLDER_MODE }));

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
