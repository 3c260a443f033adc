import { randomBytes } from 'node:crypto';
import { linkSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDurableFolder, syncToDisk } from '../sqlite/durable.js';
import { KEY_BYTES } from './wrapping.js';

const HEX = /^[0-9a-f]{64}$/i;
const OWNER_ONLY = 0o600;

/**
 * The master key in a file (64 hex digits), made if there is none: readable by its owner alone, and durable together
 * with its name before it is answered. Of two processes that make it at once both get the one that was first.
 *
 * @returns 32 bytes
 * @throws if the file holds something else
 */
export function loadOrCreateMasterKey(path: string): Uint8Array {
  makeDurableFolder(dirname(path), 0o700);
  const partial = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const known = readIfThere(path);
  if (known !== undefined) return parse(path, known);
  try {
    writeWhole(partial, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    linkUnlessThere(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  syncToDisk(dirname(path));
  return parse(path, readFileSync(path, 'utf8'));
}

/** The master key in a file that must be there. @throws if it is not, or holds something else */
export const loadMasterKey = (path: string): Uint8Array => parse(path, readFileSync(path, 'utf8'));

function parse(path: string, text: string): Uint8Array {
  const hex = text.trim();
  if (!HEX.test(hex)) throw new Error(`${path} holds no master key: 64 hexadecimal digits are expected`);
  return Buffer.from(hex, 'hex');
}

function writeWhole(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', OWNER_ONLY);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  syncToDisk(path);
}

/** A link comes into being whole, and not at all where a file of that name is. */
function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
