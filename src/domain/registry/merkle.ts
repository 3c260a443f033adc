import { hash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/**
 * The tree hash of RFC 6962 section 2.1, built leaf by leaf. It keeps one hash for each complete subtree, largest first:
 * as many as the number of leaves has ones in binary.
 */
export class MerkleTree {
  readonly #subtrees: Buffer[] = [];
  #size = 0;

  /** How many leaves it has. */
  get size(): number {
    return this.#size;
  }

  /** @param eventHash an event's hash, 32 bytes: the data of the next leaf */
  add(eventHash: Uint8Array): void {
    let subtree = sha256(LEAF, eventHash);
    // A leaf completes one subtree for each trailing one of the size so far.
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      subtree = sha256(NODE, this.#subtrees.pop() ?? Buffer.alloc(0), subtree);
    }
    this.#subtrees.push(subtree);
    this.#size++;
  }

  /** In hex; that of no leaves is the hash of nothing. */
  root(): string {
    const [smallest, ...larger] = this.#subtrees.toReversed();
    const root = smallest ? larger.reduce((right, left) => sha256(NODE, left, right), smallest) : sha256();
    return root.toString('hex');
  }

  /** A tree that grows on its own from here. */
  clone(): MerkleTree {
    const copy = new MerkleTree();
    copy.#subtrees.push(...this.#subtrees);
    copy.#size = this.#size;
    return copy;
  }
}
