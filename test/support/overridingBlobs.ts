import type { BlobStore } from '../../src/ports/blobStore.js';

/** The store, but for some of its methods. */
export const overridingBlobs = (blobs: BlobStore, methods: Partial<BlobStore>): BlobStore =>
  new Proxy(blobs, {
    get(target, name) {
      if (name in methods) return Reflect.get(methods, name) as unknown;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
