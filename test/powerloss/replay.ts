import { closeSync, ftruncateSync, linkSync, mkdirSync, openSync, writeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk, FileChange, FileNode, FolderNode } from './disk.js';
import type { Random } from './random.js';

const SECTOR_BYTES = 512;

/** What becomes of changes that no sync covers: all lost, all kept, or each as chance has it. */
export type Fate = 'lost' | 'kept' | Random;

/**
 * Writes a folder as a disk might hold it if power were lost now. Changes that a sync covers are there. Of the others
 * each is there or not, whatever became of those before and after it, and a write may be there in part, sector by sector.
 *
 * @param target is made
 */
export function rebuild(disk: Disk, fate: Fate, target: string): void {
  new Rebuild(fate).folder(disk.root, target);
}

class Rebuild {
  readonly #fate: Fate;
  readonly #written = new Map<FileNode, string>();

  constructor(fate: Fate) {
    this.#fate = fate;
  }

  folder(node: FolderNode, path: string): void {
    mkdirSync(path);
    const names: FolderNode['names'] = new Map();
    for (const [index, change] of node.changes.entries()) {
      if (index >= node.durable && this.#chance() < 0.5) continue;
      if (change.node) names.set(change.name, change.node);
      else names.delete(change.name);
    }
    for (const [name, child] of names) {
      if (child.kind === 'folder') this.folder(child, join(path, name));
      else this.#file(child, join(path, name));
    }
  }

  #file(node: FileNode, path: string): void {
    const other = this.#written.get(node);
    if (other !== undefined) {
      linkSync(other, path);
      return;
    }
    this.#written.set(node, path);
    const file = openSync(path, 'wx');
    try {
      for (const [index, change] of node.changes.entries()) {
        const chance = index < node.durable ? 1 : this.#chance();
        if (chance < 1 / 3) continue;
        if (chance < 2 / 3 && change.kind === 'write') this.#tear(file, change.at, change.bytes);
        else apply(file, change);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Writes some of the sectors. */
  #tear(file: number, at: number, bytes: Buffer): void {
    for (let from = 0; from < bytes.byteLength;) {
      const to = Math.min(bytes.byteLength, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
      if (this.#chance() < 0.5) writeSync(file, bytes, from, to - from, at + from);
      from = to;
    }
  }

  /** Below 1/3 for what is lost, from 2/3 on for what is kept. */
  #chance(): number {
    if (this.#fate === 'lost') return 0;
    return this.#fate === 'kept' ? 1 : this.#fate();
  }
}

function apply(file: number, change: FileChange): void {
  if (change.kind === 'write') writeSync(file, change.bytes, 0, change.bytes.byteLength, change.at);
  else if (change.kind === 'truncate') ftruncateSync(file, change.size);
  else if (fstatSync(file).size < change.end) ftruncateSync(file, change.end);
}
