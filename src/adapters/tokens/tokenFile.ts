import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isJsonObject } from '../../domain/shared/json.js';
import type { TokenPlace } from '../../ports/tokenPlace.js';
import { makeDurableFolder, syncToDisk } from '../sqlite/durable.js';

const OWNER_ONLY = 0o600;
const FOLDER = 0o700;

/** A token in a file, `{"access_token": "…"}`, which is there whole or not at all. */
export class TokenFile implements TokenPlace {
  constructor(private readonly path: string) {}

  async read(): Promise<string | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    return tokenIn(text);
  }

  async write(token: string): Promise<void> {
    makeDurableFolder(dirname(this.path), FOLDER);
    const partial = `${this.path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      const file = await open(partial, 'wx', OWNER_ONLY);
      try {
        await file.writeFile(`${JSON.stringify({ access_token: token })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, this.path);
    } finally {
      await rm(partial, { force: true });
    }
    syncToDisk(dirname(this.path));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Something else in the file is no token: the next one replaces it. */
function tokenIn(text: string): string | undefined {
  try {
    const content: unknown = JSON.parse(text);
    const token = isJsonObject(content) ? content['access_token'] : undefined;
    return typeof token === 'string' ? token : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
