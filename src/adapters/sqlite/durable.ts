import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes out a file's bytes, or a folder's names, so that they survive a loss of power. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a folder, and those above it, so that they survive a loss of power. One that is there already stays as it is.
 *
 * @param mode of the folders that are made
 */
export function makeDurableFolder(path: string, mode: number): void {
  const first = mkdirSync(path, { recursive: true, mode });
  if (first === undefined) return;
  for (let made = path; made !== dirname(first); made = dirname(made)) syncToDisk(dirname(made));
}
