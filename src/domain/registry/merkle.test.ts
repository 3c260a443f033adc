import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MerkleTree } from './merkle.js';

/** RFC 6962 section 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (!first) return createHash('sha256').digest();
  if (leaves.length === 1)
    return createHash('sha256')
      .update(Buffer.from([0]))
      .update(first)
      .digest();
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  const left = treeHash(leaves.slice(0, k));
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(treeHash(leaves.slice(k)))
    .digest();
}

/** What the Certificate Transparency project's own tests hash. */
const KNOWN = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const KNOWN_ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';

const treeOf = (leaves: readonly Uint8Array[]): MerkleTree => {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree;
};

describe('the Merkle tree', () => {
  it('of no leaves is the hash of nothing', () => {
    expect(new MerkleTree().root()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('is defined here as elsewhere', () => {
    expect(treeHash(KNOWN.map((leaf) => Buffer.from(leaf, 'hex'))).toString('hex')).toBe(KNOWN_ROOT);
  });

  it('agrees with the definition for any number of leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (leaves) => {
        expect(treeOf(leaves).root()).toBe(treeHash(leaves).toString('hex'));
      }),
    );
  });

  it('lets a copy grow on its own', () => {
    const leaves = Array.from({ length: 9 }, (_, number) => Buffer.alloc(32, number));
    const tree = treeOf(leaves.slice(0, 5));
    const copy = tree.clone();
    for (const leaf of leaves.slice(5)) copy.add(leaf);
    expect([tree.size, tree.root()]).toEqual([5, treeHash(leaves.slice(0, 5)).toString('hex')]);
    expect([copy.size, copy.root()]).toEqual([9, treeHash(leaves).toString('hex')]);
  });

  it('takes nothing but hashes', () => {
    const tree = new MerkleTree();
    expect(() => {
      tree.add(Buffer.alloc(31));
    }).toThrow(RangeError);
  });
});
