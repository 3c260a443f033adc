import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
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
    const image = new Image(node.changes);
    for (const [index, change] of node.changes.entries()) {
      const chance = index < node.durable ? 1 : this.#chance();
      if (chance < 1 / 3) continue;
      if (chance < 2 / 3 && change.kind === 'write') this.#tear(image, change.at, change.bytes);
      else image.apply(change);
    }
    writeFileSync(path, image.bytes, { flag: 'wx' });
  }

  /** Writes some of the sectors. */
  #tear(image: Image, at: number, bytes: Buffer): void {
    for (let from = 0; from < bytes.byteLength;) {
      const to = Math.min(bytes.byteLength, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
      if (this.#chance() < 0.5) image.apply({ kind: 'write', at: at + from, bytes: bytes.subarray(from, to) });
      from = to;
    }
  }

  /** Below 1/3 for what is lost, from 2/3 on for what is kept. */
  #chance(): number {
    if (this.#fate === 'lost') return 0;
    return this.#fate === 'kept' ? 1 : this.#fate();
  }
}

/** A file in memory: thousands of small writes cost more on a file system. */
class Image {
  readonly #space: Buffer;
  #size = 0;

  constructor(changes: readonly FileChange[]) {
    this.#space = Buffer.alloc(changes.reduce((end, change) => Math.max(end, endOf(change)), 0));
  }

  get bytes(): Buffer {
    return this.#space.subarray(0, this.#size);
  }

  apply(change: FileChange): void {
    if (change.kind === 'write') {
      change.bytes.copy(this.#space, change.at);
      this.#size = Math.max(this.#size, endOf(change));
    } else if (change.kind === 'extend') {
      this.#size = Math.max(this.#size, change.end);
    } else {
      // What was cut off reads as zeros should the file grow again.
      if (change.size < this.#size) this.#space.fill(0, change.size, this.#size);
      this.#size = change.size;
    }
  }
}

function endOf(change: FileChange): number {
  if (change.kind === 'write') return change.at + change.bytes.byteLength;
  return change.kind === 'truncate' ? change.size : change.end;
}
