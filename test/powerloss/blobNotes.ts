import type { ContentKey, UploadId } from '../../src/ports/blobStore.js';

/** What the blob driver tells: what it is about to do where that may take effect unacknowledged, and what was done. */
export type BlobNote =
  | { readonly kind: 'stored'; readonly key: ContentKey }
  | { readonly kind: 'deleting' | 'deleted'; readonly key: ContentKey }
  /** `hash`: SHA-256 in hex of the first `end` bytes. */
  | { readonly kind: 'staged'; readonly upload: UploadId; readonly end: number; readonly hash: string }
  | { readonly kind: 'finishing'; readonly upload: UploadId; readonly key: ContentKey }
  | { readonly kind: 'finished'; readonly upload: UploadId; readonly key: ContentKey }
  | { readonly kind: 'aborting' | 'aborted'; readonly upload: UploadId };

export type Staged = Extract<BlobNote, { kind: 'staged' }>;

/** What must, and what may, be in the store after everything that was told up to some moment. */
export class Expected {
  readonly stored = new Map<string, ContentKey>();
  readonly deleted = new Map<string, ContentKey>();
  readonly staged = new Map<UploadId, Staged>();
  /** Uploads that are being finished: their bytes are in the upload, or in the content, or in both. */
  readonly finishing = new Map<UploadId, { readonly staged: Staged; readonly key: ContentKey }>();
  readonly finished = new Map<UploadId, ContentKey>();
  readonly aborted = new Set<UploadId>();

  constructor(notes: readonly BlobNote[]) {
    for (const note of notes) this.#take(note);
  }

  #take(note: BlobNote): void {
    switch (note.kind) {
      case 'stored':
        this.stored.set(note.key.generation, note.key);
        return;
      case 'deleting':
        this.stored.delete(note.key.generation);
        return;
      case 'deleted':
        this.deleted.set(note.key.generation, note.key);
        return;
      case 'staged':
        this.staged.set(note.upload, note);
        return;
      case 'finishing': {
        const staged = this.staged.get(note.upload);
        if (staged) this.finishing.set(note.upload, { staged, key: note.key });
        this.staged.delete(note.upload);
        return;
      }
      case 'finished':
        this.finishing.delete(note.upload);
        this.finished.set(note.upload, note.key);
        this.stored.set(note.key.generation, note.key);
        return;
      case 'aborting':
        this.staged.delete(note.upload);
        return;
      case 'aborted':
        this.aborted.add(note.upload);
        return;
    }
  }
}
