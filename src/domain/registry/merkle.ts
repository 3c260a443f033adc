import { hash } from 'node:crypto';

const HASH_BYTES = 32;

// What is hashed next: the prefix that tells a leaf from a node, then one hash or two. Never kept between two calls.
const leaf = Buffer.from([0, ...Buffer.alloc(HASH_BYTES)]);
const node = Buffer.from([1, ...Buffer.alloc(2 * HASH_BYTES)]);

function leafHash(eventHash: Uint8Array): Buffer {
  if (eventHash.length !== HASH_BYTES) throw new RangeError(`a hash has ${HASH_BYTES} bytes, not ${eventHash.length}`);
  leaf.set(eventHash, 1);
  return hash('sha256', leaf, 'buffer');
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

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
    let subtree = leafHash(eventHash);
    // A leaf completes one subtree for each trailing one of the size so far.
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left) subtree = nodeHash(left, subtree);
    }
    this.#subtrees.push(subtree);
    this.#size++;
  }

  /** In hex; that of no leaves is the hash of nothing. */
  root(): string {
    const [smallest, ...larger] = this.#subtrees.toReversed();
    if (!smallest) return hash('sha256', '', 'hex');
    return larger.reduce((right, left) => nodeHash(left, right), smallest).toString('hex');
  }

  /** A tree that grows on its own from here. */
  clone(): MerkleTree {
    const copy = new MerkleTree();
    copy.#subtrees.push(...this.#subtrees);
    copy.#size = this.#size;
    return copy;
  }
}
