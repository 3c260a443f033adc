import type { AccountUnknown } from '../../domain/account/errors.js';
import type {
  ManifestInvalid,
  ManifestTooLarge,
  ManifestUnverified,
  MediaTypeUnsupported,
} from '../../domain/manifest/errors.js';
import type { ManifestNameMismatch, ManifestTagMismatch } from '../../domain/manifest/schema1Target.js';
import type { RepositoryError } from '../../domain/repository/errors.js';
import type { DigestInvalid } from '../../domain/shared/digest.js';
import { DomainError } from '../../domain/shared/errors.js';
import type { TagInvalid } from '../../domain/shared/reference.js';
import type {
  NameInvalid,
  NamespaceRequired,
  NestedRepositoriesUnsupported,
} from '../../domain/shared/repositoryPath.js';
import type { BlobTooLarge, ChunkOutOfOrder, DigestMismatch, UploadUnknown } from '../../commands/uploads.js';
import type { TooManyUploads } from '../../commands/uploadsInFlight.js';
import { ContentMissing, ReadModelsTrail, StoreUnavailable } from '../../ports/errors.js';
import type { JsonObject } from '../../domain/shared/json.js';

/** The codes of the distribution spec ("Error Codes"), the two of schema 1, and those for 5xx. */
export type OciCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'MANIFEST_UNVERIFIED'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'INVALID_REQUEST'
  | 'UNAVAILABLE'
  | 'UNKNOWN';

export type ErrorEntry = { readonly code: OciCode; readonly message: string; readonly detail: JsonObject };

/** A refusal in the protocol's own words. */
export class OciError extends Error {
  constructor(
    readonly status: number,
    readonly code: OciCode,
    message: string,
    readonly detail: JsonObject = {},
    readonly headers: { readonly [name: string]: string } = {},
  ) {
    super(message);
    this.name = 'OciError';
  }

  get entries(): readonly ErrorEntry[] {
    return [{ code: this.code, message: this.message, detail: this.detail }];
  }
}

type Known =
  | RepositoryError
  | ManifestInvalid
  | ManifestTooLarge
  | ManifestUnverified
  | MediaTypeUnsupported
  | DigestInvalid
  | DigestMismatch
  | TagInvalid
  | NameInvalid
  | NamespaceRequired
  | NestedRepositoriesUnsupported
  | UploadUnknown
  | ChunkOutOfOrder
  | BlobTooLarge
  | ManifestNameMismatch
  | ManifestTagMismatch
  | TooManyUploads
  | AccountUnknown;

/** Every refusal of the domain that `/v2` can meet (contract: registry-v2 §13); one that is missing does not compile. */
const table: { readonly [code in Known['code']]: readonly [status: number, code: OciCode] } = {
  'repository-unknown': [404, 'NAME_UNKNOWN'],
  'repository-exists': [503, 'UNAVAILABLE'],
  'repository-not-writable': [405, 'DENIED'],
  'manifest-unknown': [404, 'MANIFEST_UNKNOWN'],
  'manifest-blob-unknown': [400, 'MANIFEST_BLOB_UNKNOWN'],
  'reference-size-wrong': [400, 'MANIFEST_INVALID'],
  'manifest-referenced': [405, 'DENIED'],
  'tag-unknown': [404, 'MANIFEST_UNKNOWN'],
  'manifest-invalid': [400, 'MANIFEST_INVALID'],
  'manifest-too-large': [413, 'MANIFEST_INVALID'],
  'manifest-unverified': [400, 'MANIFEST_UNVERIFIED'],
  'media-type-unsupported': [415, 'MANIFEST_INVALID'],
  'digest-invalid': [400, 'DIGEST_INVALID'],
  'digest-mismatch': [400, 'DIGEST_INVALID'],
  'tag-invalid': [400, 'MANIFEST_INVALID'],
  'name-invalid': [400, 'NAME_INVALID'],
  'namespace-required': [400, 'NAME_INVALID'],
  'nested-repositories-unsupported': [400, 'NAME_INVALID'],
  'upload-unknown': [404, 'BLOB_UPLOAD_UNKNOWN'],
  'chunk-out-of-order': [416, 'BLOB_UPLOAD_INVALID'],
  'blob-too-large': [413, 'SIZE_INVALID'],
  'manifest-name-mismatch': [400, 'NAME_INVALID'],
  'manifest-tag-mismatch': [400, 'MANIFEST_INVALID'],
  'too-many-uploads': [429, 'TOOMANYREQUESTS'],
  'account-unknown': [401, 'UNAUTHORIZED'],
};

const isKnown = (code: string): code is Known['code'] => Object.hasOwn(table, code);

export type OciAnswer = {
  readonly status: number;
  readonly entries: readonly ErrorEntry[];
  readonly headers: { readonly [name: string]: string };
};

const RETRY = { 'Retry-After': '2' } as const;

/** The answer to any failure; undefined for what should not happen (500). */
export function ociAnswer(error: unknown): OciAnswer | undefined {
  if (error instanceof OciError) return error;
  if (error instanceof ReadModelsTrail) return unavailable(error.message);
  if (error instanceof StoreUnavailable) return unavailable('the registry cannot reach its stores: try again');
  if (error instanceof ContentMissing) return lostManifest;
  if (!(error instanceof DomainError) || !isKnown(error.code)) return undefined;
  const [status, code] = table[error.code];
  if (status === 503) return unavailable(error.message);
  const headers: { readonly [name: string]: string } = status === 429 ? RETRY : {};
  const missing = error.details['missing'];
  if (error.code === 'manifest-blob-unknown' && Array.isArray(missing)) {
    return {
      status,
      headers: {},
      entries: missing.map((digest) => ({ code, message: error.message, detail: { digest: String(digest) } })),
    };
  }
  return { status, headers, entries: [{ code, message: error.message, detail: error.details }] };
}

/** Of blobs their routes say it themselves. */
const lostManifest: OciAnswer = {
  status: 404,
  headers: {},
  entries: [
    {
      code: 'MANIFEST_UNKNOWN',
      message: 'the bytes of the manifest are missing or damaged: push it again',
      detail: {},
    },
  ],
};

const unavailable = (message: string): OciAnswer => ({
  status: 503,
  headers: RETRY,
  entries: [{ code: 'UNAVAILABLE', message, detail: {} }],
});
