import { DomainError } from '../shared/errors.js';

/** Largest manifest that is taken, in bytes (contract v2 §7.2, design §9). */
export const MAX_MANIFEST_BYTES = 4_194_304;

/** Most references that one manifest may have: config, layers, children and subject together (design §2). */
export const MAX_REFERENCES = 4_096;

/** The content type, or the document's own `mediaType`, names no manifest that this registry takes. */
export class MediaTypeUnsupported extends DomainError {
  readonly code = 'media-type-unsupported';
  constructor(mediaType: string) {
    super(`manifest schema version not supported: send an OCI or Docker manifest or index under its own media type`, {
      message: 'manifest schema version not supported',
      mediaType: mediaType.slice(0, 200),
    });
  }
}

/** The bytes break a rule of their media type (contract v2 §7.2); `why` says where and what would be right. */
export class ManifestInvalid extends DomainError {
  readonly code = 'manifest-invalid';
  constructor(why: string, options?: ErrorOptions) {
    const message = `failed to parse manifest: ${why}`;
    super(message, { message }, options);
  }
}

/** More bytes than any manifest may have. */
export class ManifestTooLarge extends DomainError {
  readonly code = 'manifest-too-large';
  constructor(size: number) {
    const message = `a manifest may have at most ${MAX_MANIFEST_BYTES} bytes`;
    super(message, { message, size });
  }
}

/** A schema 1 manifest whose signatures are missing, unreadable or wrong. */
export class ManifestUnverified extends DomainError {
  readonly code = 'manifest-unverified';
  constructor(why: string, options?: ErrorOptions) {
    const message = `manifest failed signature verification: ${why}`;
    super(message, { message }, options);
  }
}
