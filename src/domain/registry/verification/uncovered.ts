import { MerkleTree } from '../merkle.js';

const HASH_BYTES = 32;
/** A UUID as text. */
const ID_BYTES = 36;
const FIRST_CAPACITY = 1024;

/**
 * The events since the last checkpoint, by hash and id: 68 bytes each. How many of them the next checkpoint covers is
 * known only when it comes, some events after the last that it covers. Only the latest are kept one by one; those
 * before them are in the tree already, so that memory has a bound however long no checkpoint comes.
 */
export class UncoveredEvents {
  #tree = new MerkleTree();
  #hashes = Buffer.alloc(FIRST_CAPACITY * HASH_BYTES);
  #ids = Buffer.alloc(FIRST_CAPACITY * ID_BYTES);
  #kept = 0;
  #start = 0;

  /** @param limit how many events are kept one by one, at least 2 */
  constructor(private readonly limit: number) {}

  /** How many events were covered. */
  get start(): number {
    return this.#start;
  }

  /** How many events there were, covered or not. */
  get end(): number {
    return this.#firstKept + this.#kept;
  }

  push(hash: string, id: string): void {
    if (this.#kept === this.limit) this.#fold(Math.ceil(this.limit / 2));
    else if (this.#kept * HASH_BYTES === this.#hashes.length) this.#grow();
    this.#hashes.write(hash, this.#kept * HASH_BYTES, HASH_BYTES, 'hex');
    this.#ids.write(id, this.#kept * ID_BYTES, ID_BYTES, 'latin1');
    this.#kept++;
  }

  /** Merkle root of the events from `start` to `size`; undefined if `size` lies before what is kept one by one. */
  rootUpTo(size: number): string | undefined {
    if (size < this.#firstKept) return undefined;
    const tree = this.#tree.clone();
    this.#addTo(tree, size - this.#firstKept);
    return tree.root();
  }

  /**
   * How many events there were when this one had come; undefined if it is not among those kept one by one.
   *
   * @param guess where it should be
   */
  numberOf(id: string, guess: number): number | undefined {
    const index = guess - this.#firstKept - 1;
    if (index >= 0 && index < this.#kept && this.#id(index) === id) return guess;
    for (let other = 0; other < this.#kept; other++) {
      if (this.#id(other) === id) return this.#firstKept + other + 1;
    }
    return undefined;
  }

  /** A checkpoint covers the events up to `size`, which must not lie before what is kept one by one. */
  cover(size: number): void {
    const covered = size - this.#firstKept;
    this.#drop(covered);
    this.#tree = new MerkleTree();
    this.#start = size;
  }

  get #firstKept(): number {
    return this.#start + this.#tree.size;
  }

  #id(index: number): string {
    return this.#ids.toString('latin1', index * ID_BYTES, (index + 1) * ID_BYTES);
  }

  #addTo(tree: MerkleTree, count: number): void {
    for (let index = 0; index < count; index++) {
      tree.add(this.#hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
    }
  }

  #fold(count: number): void {
    this.#addTo(this.#tree, count);
    this.#drop(count);
  }

  #drop(count: number): void {
    this.#hashes.copyWithin(0, count * HASH_BYTES, this.#kept * HASH_BYTES);
    this.#ids.copyWithin(0, count * ID_BYTES, this.#kept * ID_BYTES);
    this.#kept -= count;
  }

  #grow(): void {
    this.#hashes = Buffer.concat([this.#hashes], this.#hashes.length * 2);
    this.#ids = Buffer.concat([this.#ids], this.#ids.length * 2);
  }
}
