import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.js';
import { parseMasterKey } from '../config/types/texts.js';

const KEY_BYTES = 32;

/**
 * The key that wraps all other keys: from the configuration, or made at the first start below the data folder, readable
 * by its owner alone and durable before anything is wrapped with it.
 */
export async function masterKeyOf(config: Config): Promise<Uint8Array> {
  if (config.MASTER_KEY !== undefined) return parsed(config.MASTER_KEY, 'MASTER_KEY');
  const path = config.MASTER_KEY_FILE ?? join(config.DATA_PATH, 'keys', 'master.key');
  const known = await readIfThere(path);
  if (known !== undefined) return parsed(known, path);
  if (config.MASTER_KEY_FILE !== undefined) throw new Error(`MASTER_KEY_FILE: there is no file ${path}`);
  await create(path, randomBytes(KEY_BYTES).toString('hex'));
  return parsed(await readFile(path, 'utf8'), path);
}

function parsed(text: string, source: string): Uint8Array {
  const key = parseMasterKey(text.trim());
  if (!key) throw new Error(`${source}: a master key is 32 bytes, in hex or base64`);
  return key;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Under its name only when it is whole and durable; of two who make it at once the first wins. */
async function create(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}`;
  const file = await open(partial, 'w', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(partial, path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(partial);
  const directory = await open(folder);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
