import type { ByteRange, ContentKey, UploadId, UploadStep } from '../../../src/ports/blobStore.js';

/** Calls of a blob store that one process makes in another. */
export type BlobCall =
  | { readonly name: 'put'; readonly key: ContentKey; readonly bytes: Uint8Array }
  | {
      readonly name: 'append';
      readonly upload: UploadId;
      readonly offset: number;
      readonly step: UploadStep | undefined;
      readonly tells: boolean;
    }
  | { readonly name: 'readUpload'; readonly upload: UploadId; readonly length: number; readonly at?: string | null }
  | {
      readonly name: 'finish';
      readonly upload: UploadId;
      readonly key: ContentKey;
      readonly size: number;
      readonly at?: string | null;
    }
  | { readonly name: 'abort'; readonly upload: UploadId }
  | { readonly name: 'stream'; readonly key: ContentKey; readonly range: ByteRange | undefined }
  | { readonly name: 'stat'; readonly key: ContentKey }
  | { readonly name: 'marker' }
  | { readonly name: 'mark'; readonly marker: string }
  | { readonly name: 'delete'; readonly key: ContentKey }
  | { readonly name: 'list' }
  | { readonly name: 'listUploads' };

/** To the process: a call, or what it asked for while it worked on one. */
export type Asked =
  | { readonly kind: 'call'; readonly id: number; readonly call: BlobCall }
  | { readonly kind: 'chunk'; readonly id: number; readonly chunk: Uint8Array | null; readonly failure?: string }
  | { readonly kind: 'told'; readonly id: number; readonly failure?: string };

/** From the process: it wants the source's next chunk, tells what was kept, or is done. */
export type Answered =
  | { readonly kind: 'next'; readonly id: number }
  | { readonly kind: 'kept'; readonly id: number; readonly end: number }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: StoredError };

/** Errors of the port go over as what they are. */
export type StoredError =
  | { readonly name: 'OffsetConflict'; readonly expected: number; readonly actual: number }
  | { readonly name: 'ContentMissing'; readonly key: string }
  | { readonly name: 'other'; readonly message: string };
