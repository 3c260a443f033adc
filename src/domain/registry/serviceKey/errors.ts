import { DomainError } from '../../shared/errors.js';

export class ServiceKeyUnknown extends DomainError {
  readonly code = 'service-key-unknown';
  constructor(kid: string) {
    super('there is no such service key', { kid });
  }
}

/** Another key has this id. */
export class ServiceKeyExists extends DomainError {
  readonly code = 'service-key-exists';
  constructor(kid: string) {
    super('another service key has this id', { kid });
  }
}

export class ServiceKeyNameInvalid extends DomainError {
  readonly code = 'service-key-name-invalid';
  constructor(name: string) {
    super(`Invalid service key friendly name: ${name}`);
  }
}

/** The contract gives it an empty text (superuser §5). */
export class ServiceNameInvalid extends DomainError {
  readonly code = 'service-name-invalid';
  constructor() {
    super('');
  }
}

export class ServiceKeyMetadataTooLarge extends DomainError {
  readonly code = 'service-key-metadata-too-large';
  constructor() {
    super('The metadata of a service key is too large');
  }
}

/** The keys that wait for approval are as many as may wait: anybody may submit one. */
export class TooManyUnapprovedKeys extends DomainError {
  readonly code = 'too-many-unapproved-keys';
  constructor() {
    super('Too many service keys wait for approval');
  }
}

/** A key is replaced, or taken away, by itself or by an approved and unexpired key of its service. */
export class SignerRefused extends DomainError {
  readonly code = 'signer-refused';
  constructor(kid: string) {
    super('the key that signed may not do this', { kid });
  }
}
