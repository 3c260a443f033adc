import type { Digest } from '../shared/digest.js';
import { DomainError } from '../shared/errors.js';

export class RepositoryUnknown extends DomainError {
  readonly code = 'repository-unknown';
  constructor() {
    super('repository not found');
  }
}

export class RepositoryExists extends DomainError {
  readonly code = 'repository-exists';
  constructor() {
    super('the repository exists already');
  }
}

export class RepositoryNotWritable extends DomainError {
  readonly code = 'repository-not-writable';
  constructor(state: string) {
    super(`the repository is in state ${state}: only reading is possible`, { state });
  }
}

export class ManifestUnknown extends DomainError {
  readonly code = 'manifest-unknown';
  constructor(reference: string) {
    super('manifest unknown', { reference });
  }
}

/** Contents that a manifest needs and that are not visible in its repository: push or mount them first. */
export class ManifestBlobUnknown extends DomainError {
  readonly code = 'manifest-blob-unknown';
  constructor(readonly missing: readonly Digest[]) {
    super('manifest blob unknown to registry: push or mount it to this repository first', { missing });
  }
}

export class ReferenceSizeWrong extends DomainError {
  readonly code = 'reference-size-wrong';
  constructor(digest: Digest, stated: number, stored: number) {
    super(`the descriptor of ${digest} states ${stated} bytes, but ${stored} are stored`, { digest, stated, stored });
  }
}

/** A child of an index that is still there cannot go before it. */
export class ManifestReferenced extends DomainError {
  readonly code = 'manifest-referenced';
  constructor(digest: Digest, by: Digest) {
    super(`manifest is part of the index ${by}: delete that first`, { digest, index: by });
  }
}

export class TagUnknown extends DomainError {
  readonly code = 'tag-unknown';
  constructor(tag: string) {
    super('there is no such tag', { tag });
  }
}

/** What somebody wants a tag to end at is no moment to come. */
export class ExpirationInvalid extends DomainError {
  readonly code = 'expiration-invalid';
  constructor() {
    super('a tag can only be made to end in the future');
  }
}

export class DescriptionTooLong extends DomainError {
  readonly code = 'description-too-long';
  constructor(mostBytes: number) {
    super(`a description can have at most ${mostBytes} bytes`, { mostBytes });
  }
}

/** What the registry protocol can meet. */
export type RepositoryError =
  | RepositoryUnknown
  | RepositoryExists
  | RepositoryNotWritable
  | ManifestUnknown
  | ManifestBlobUnknown
  | ReferenceSizeWrong
  | ManifestReferenced
  | TagUnknown;
