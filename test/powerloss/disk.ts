import type { Operation } from './trace.js';

export type FileChange =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }
  | { readonly kind: 'extend'; readonly end: number };

/** A name that now leads to a node, or to nothing. */
export type NameChange = { readonly name: string; readonly node: Node | undefined };

/** Changes in order; the first `durable` of them are certain to be on the disk. */
export type FileNode = { readonly kind: 'file'; readonly changes: FileChange[]; durable: number };
export type FolderNode = {
  readonly kind: 'folder';
  readonly changes: NameChange[];
  durable: number;
  /** As the running process sees it. */
  readonly names: Map<string, Node>;
};
export type Node = FileNode | FolderNode;

const newFile = (): FileNode => ({ kind: 'file', changes: [], durable: 0 });
const newFolder = (): FolderNode => ({ kind: 'folder', changes: [], durable: 0, names: new Map() });

/**
 * What a traced process did to a folder so far, and how much of it is certain to survive a loss of power. Nothing is
 * certain but what POSIX says of a sync: of a file, its bytes and size; of a folder, the names in it. A rename is two
 * changes, one in each folder, and nothing ties their fates together.
 */
export class Disk {
  /** The traced folder itself was there before. */
  readonly root = newFolder();
  /** Files that were mapped for writing: what they hold is not known. */
  readonly mapped = new Set<string>();
  readonly acks: string[] = [];
  readonly #handles = new Map<number, { readonly path: string; readonly node: Node }>();
  readonly #syncs = new Map<number, { readonly node: Node; readonly covers: number }>();

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'open':
        this.#open(operation);
        return;
      case 'write':
        this.#file(operation.handle).changes.push({ kind: 'write', at: operation.at, bytes: operation.bytes });
        return;
      case 'truncate':
        this.#file(operation.handle).changes.push({ kind: 'truncate', size: operation.size });
        return;
      case 'extend':
        this.#file(operation.handle).changes.push({ kind: 'extend', end: operation.end });
        return;
      case 'mkdir':
        this.#name(operation.path, newFolder());
        return;
      case 'unlink':
      case 'rmdir':
        this.#name(operation.path, undefined);
        return;
      case 'link':
        this.#name(operation.to, this.#look(operation.path));
        return;
      case 'rename':
        this.#rename(operation.path, operation.to);
        return;
      case 'sync-begin': {
        const { node } = this.#opened(operation.handle);
        this.#syncs.set(operation.sync, { node, covers: node.changes.length });
        return;
      }
      case 'sync-end':
        this.#endSync(operation.sync);
        return;
      case 'map':
        this.mapped.add(this.#opened(operation.handle).path);
        return;
      case 'ack':
        this.acks.push(...operation.text.split('\n').filter((line) => line !== ''));
        return;
    }
  }

  #open({ handle, path, truncates }: Extract<Operation, { kind: 'open' }>): void {
    let node = this.#find(path);
    if (!node) {
      node = newFile();
      this.#name(path, node);
    } else if (truncates && node.kind === 'file') {
      node.changes.push({ kind: 'truncate', size: 0 });
    }
    this.#handles.set(handle, { path, node });
  }

  #rename(from: string, to: string): void {
    const node = this.#look(from);
    // Two names of one file: POSIX has rename do nothing.
    if (this.#find(to) === node) return;
    this.#name(to, node);
    this.#name(from, undefined);
  }

  #endSync(sync: number): void {
    const begun = this.#syncs.get(sync);
    if (!begun) throw new Error(`sync ${sync} ends without having begun`);
    begun.node.durable = Math.max(begun.node.durable, begun.covers);
    this.#syncs.delete(sync);
  }

  #name(path: string, node: Node | undefined): void {
    const cut = path.lastIndexOf('/');
    const folder = this.#look(cut < 0 ? '' : path.slice(0, cut));
    if (folder.kind !== 'folder') throw new Error(`${path} lies in a file`);
    const name = path.slice(cut + 1);
    folder.changes.push({ name, node });
    if (node) folder.names.set(name, node);
    else folder.names.delete(name);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      node = node?.kind === 'folder' ? node.names.get(name) : undefined;
    }
    return node;
  }

  #look(path: string): Node {
    const node = this.#find(path);
    if (!node) throw new Error(`the trace names ${path} before it was made: something went unseen`);
    return node;
  }

  #opened(handle: number): { readonly path: string; readonly node: Node } {
    const opened = this.#handles.get(handle);
    if (!opened) throw new Error(`the trace uses handle ${handle} before it was opened`);
    return opened;
  }

  #file(handle: number): FileNode {
    const { node, path } = this.#opened(handle);
    if (node.kind !== 'file') throw new Error(`${path} is written to, but is a folder`);
    return node;
  }
}
