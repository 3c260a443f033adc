import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import { parseMasterKey } from '../config/types/texts.js';

/** The key that wraps all other keys, where the configuration gives it; undefined: the embedded stores keep their own. */
export async function masterKeyOf({ MASTER_KEY, MASTER_KEY_FILE }: Config): Promise<Uint8Array | undefined> {
  if (MASTER_KEY !== undefined) return parsed(MASTER_KEY, 'MASTER_KEY');
  if (MASTER_KEY_FILE !== undefined) return parsed(await readFile(MASTER_KEY_FILE, 'utf8'), MASTER_KEY_FILE);
  return undefined;
}

function parsed(text: string, source: string): Uint8Array {
  const key = parseMasterKey(text.trim());
  if (!key) throw new Error(`${source}: a master key is 32 bytes, in hex or base64`);
  return key;
}
