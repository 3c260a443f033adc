import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../../../ports/errors.js';
import { FOLDER_MODE } from '../../layout.js';
import { hasCode, unless } from '../../storageErrors.js';
import type { Version } from '../objectStore.js';
import { writeDurably, type Places } from './places.js';

/** Times that somebody else may have changed an object between our seeing its version and our reading it. */
const TRIES = 8;
const FIRST_PAUSE_MS = 5;

type Present = { readonly life: string; readonly number: number };

const versionOf = ({ life, number }: Present): Version => `${life}/${number}` as Version;

/**
 * Objects that change on a condition, as files that never do: `<folder>/.<name>/<life>/<number>`, of which the highest
 * number counts. Two that build on the same number want the same next name, and the file system, on whichever machine, lets
 * one of them have it. Each time that an object comes into being it gets another life, so that nobody goes on with one
 * that was removed and made again meanwhile.
 */
export class VersionedFiles {
  constructor(private readonly places: Places) {}

  async get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
    const folder = this.#folder(name);
    for (let tries = 1; ; tries += 1) {
      const present = await presentIn(folder);
      if (!present) return undefined;
      const bytes = await unless(['ENOENT', 'ESTALE'], readFile(fileOf(folder, present)));
      if (bytes) return { bytes, version: versionOf(present) };
      if (tries === TRIES) throw new StoreUnavailable(`${name} changes faster than it can be read`);
      await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean> {
    return expected === null ? this.#create(name, bytes) : this.#replace(name, bytes, expected);
  }

  /** Emptied first: after that nobody else wins. */
  async removeIf(name: string, expected: Version): Promise<boolean> {
    if (!(await this.#replace(name, new Uint8Array(), expected))) return false;
    await this.remove(name);
    return true;
  }

  /** As a whole, at once: who is about to name a next version finds no folder for it. */
  async remove(name: string): Promise<void> {
    const folder = this.#folder(name);
    const removed = await this.places.viaTemporary((temporary) =>
      unless(
        ['ENOENT', 'ENOTDIR'],
        rename(folder, temporary).then(() => true),
      ),
    );
    if (removed) await unless(['ENOENT'], this.places.sync(dirname(folder)));
  }

  async #create(name: string, bytes: Uint8Array): Promise<boolean> {
    const folder = this.#folder(name);
    const life = randomBytes(9).toString('base64url');
    return this.places.viaTemporary(async (temporary) => {
      for (const path of [temporary, join(temporary, life)]) await mkdir(path, { mode: FOLDER_MODE });
      await writeDurably(fileOf(temporary, { life, number: 1 }), bytes);
      await this.places.sync(join(temporary, life));
      await this.places.sync(temporary);
      try {
        await this.places.named(folder, () => rename(temporary, folder));
      } catch (error) {
        // Over a network a success may be repeated, and then finds that it has happened.
        const isOurs = hasCode(error, 'ENOENT', ...TAKEN) && (await isThere(fileOf(folder, { life, number: 1 })));
        if (!isOurs && hasCode(error, ...TAKEN)) return false;
        if (!isOurs) throw error;
      }
      await this.places.syncName(folder);
      return true;
    });
  }

  async #replace(name: string, bytes: Uint8Array, expected: Version): Promise<boolean> {
    const folder = this.#folder(name);
    const present = await presentIn(folder);
    if (!present || versionOf(present) !== expected) return false;
    const next = { ...present, number: present.number + 1 };
    const won = await this.places.viaTemporary(async (temporary) => {
      await writeDurably(temporary, bytes);
      return isLinked(temporary, fileOf(folder, next));
    });
    if (!won) return false;
    const life = join(folder, present.life);
    const numbers = await numbersIn(life);
    if (Math.max(...numbers) !== next.number) {
      // Others have gone on: from here, or from one who had this number before and lost it to the clearing below.
      await unlink(fileOf(folder, next)).catch(() => undefined);
      return false;
    }
    await unless(['ENOENT'], this.places.sync(life));
    const past = numbers.filter((number) => number < next.number);
    // What cannot be removed now goes with the next version, or with the whole.
    await Promise.all(past.map((number) => unlink(join(life, String(number))).catch(() => undefined)));
    return true;
  }

  /** Hidden: no object has such a name. */
  #folder(name: string): string {
    const path = this.places.path(name);
    return join(dirname(path), HIDDEN + basename(path));
  }
}

const HIDDEN = '.';

/** The name of the object whose versions a folder holds; undefined: it is another folder, or a file. */
export const versionedIn = (folder: string): string | undefined =>
  folder.startsWith(HIDDEN) ? folder.slice(HIDDEN.length) : undefined;

/** What a folder that is renamed meets where another one has its name. */
const TAKEN = ['ENOTEMPTY', 'EEXIST'] as const;

const fileOf = (folder: string, { life, number }: Present): string => join(folder, life, String(number));

async function presentIn(folder: string): Promise<Present | undefined> {
  const [life] = (await unless(['ENOENT', 'ENOTDIR'], readdir(folder))) ?? [];
  if (life === undefined) return undefined;
  const numbers = await numbersIn(join(folder, life));
  return numbers.length === 0 ? undefined : { life, number: Math.max(...numbers) };
}

async function numbersIn(life: string): Promise<readonly number[]> {
  const names = (await unless(['ENOENT', 'ENOTDIR'], readdir(life))) ?? [];
  return names.map(Number).filter((number) => Number.isSafeInteger(number));
}

const isThere = async (path: string): Promise<boolean> =>
  (await unless(['ENOENT', 'ENOTDIR'], stat(path))) !== undefined;

/** Gives a file a second name, unless that is taken or its folder is gone. @returns whether it has it */
async function isLinked(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    // Over a network a success may be repeated, and then finds that it has happened.
    if (hasCode(error, 'EEXIST')) return (await stat(path)).nlink > 1;
    if (hasCode(error, 'ENOENT')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    throw new StoreUnavailable('the file system knows no hard links, which several processes on one folder need', {
      cause: error,
    });
  }
}
