import type { Digest } from '../domain/shared/digest.js';
import { DomainError } from '../domain/shared/errors.js';

export class UploadUnknown extends DomainError {
  readonly code = 'upload-unknown';
  constructor() {
    super('blob upload unknown to registry: begin a new one');
  }
}

/** A chunk that does not begin where the last one ended; the session stays usable from `offset` on. */
export class ChunkOutOfOrder extends DomainError {
  readonly code = 'chunk-out-of-order';
  constructor(readonly offset: number) {
    super(`the next byte of this upload is number ${offset}`, { offset });
  }
}

export class DigestMismatch extends DomainError {
  readonly code = 'digest-mismatch';
  constructor(expected: Digest, computed: Digest) {
    super('provided digest did not match uploaded content', { expected, computed });
  }
}

export class BlobTooLarge extends DomainError {
  readonly code = 'blob-too-large';
  constructor(uploaded: number, maximum: number) {
    super(`Uploaded blob of ${uploaded} is larger than ${maximum} allowed by this registry`, {
      reason: `at most ${maximum} bytes are allowed`,
      max_allowed: maximum,
      uploaded,
    });
  }
}
