import type { Digest } from '../shared/digest.js';
import { DomainError } from '../shared/errors.js';

/** Texts as clients of Quay know them (contract: repositories §5). */

export class LabelKeyReserved extends DomainError {
  readonly code = 'label-key-reserved';
  constructor() {
    super('Label has a reserved prefix');
  }
}

export class LabelKeyInvalid extends DomainError {
  readonly code = 'label-key-invalid';
  constructor(pattern: RegExp) {
    super(`Label is of an invalid format or missing please use ${pattern.source} format for labels`);
  }
}

export class LabelValueTooLong extends DomainError {
  readonly code = 'label-value-too-long';
  constructor(mostBytes: number) {
    super(`Label has a value of more than ${mostBytes} bytes`, { mostBytes });
  }
}

export class TooManyLabels extends DomainError {
  readonly code = 'too-many-labels';
  constructor(most: number) {
    super(`At most ${most} labels can be added to a manifest: delete one first`, { most });
  }
}

export class LabelUnknown extends DomainError {
  readonly code = 'label-unknown';
  constructor(digest: Digest, labelId: string) {
    super('the manifest has no such label', { digest, labelId });
  }
}

/** Those that came with the manifest are part of it. */
export class LabelImmutable extends DomainError {
  readonly code = 'label-immutable';
  constructor() {
    super('Cannot delete immutable label');
  }
}
