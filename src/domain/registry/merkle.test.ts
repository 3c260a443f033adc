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

const treeOf = (leaves: readonly Uint8Array[]): MerkleTree => {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree;
};

// The inputs and roots of the Certificate Transparency project's own tests.
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree', () => {
  it.each(roots.map((root, size) => [size, root] as const))(
    'of the first %d known inputs has the known root',
    (size, root) => {
      expect(treeOf(inputs.slice(0, size).map((input) => Buffer.from(input, 'hex'))).root()).toBe(root);
    },
  );

  it('agrees with the definition for any number of leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (leaves) => {
        expect(treeOf(leaves).root()).toBe(treeHash(leaves).toString('hex'));
      }),
    );
  });

  it('lets a copy grow on its own', () => {
    const leaves = inputs.map((input) => Buffer.from(input, 'hex'));
    const tree = treeOf(leaves.slice(0, 5));
    const copy = tree.clone();
    for (const leaf of leaves.slice(5)) copy.add(leaf);
    expect([tree.size, tree.root()]).toEqual([5, roots[5]]);
    expect([copy.size, copy.root()]).toEqual([8, roots[8]]);
  });
});
