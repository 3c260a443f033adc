import type { BlobStore } from '../../src/ports/blobStore.js';

/** The store, but for what it says of a content's size. */
export const sizing = (blobs: BlobStore, stat: BlobStore['stat']): BlobStore => {
  const changed = { stat };
  return new Proxy(blobs, {
    get(target, name) {
      if (name === 'stat') return changed.stat;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
};
