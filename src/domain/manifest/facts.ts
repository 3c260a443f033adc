import type { Digest } from '../shared/digest.js';
import type { ManifestKind, ManifestMediaType } from './mediaTypes.js';

/** What an index says about the machine that a child is for; as written, not normalised. */
export type Platform = {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
};

/** How content names other content. */
export type Descriptor = { readonly mediaType: string; readonly digest: Digest; readonly size: number };

/** One thing that a manifest is made of, in the order of the document (schema 1: base layer first). */
export type ManifestReference = Descriptor & {
  readonly kind: 'config' | 'layer' | 'child';
  /** False: its bytes may be absent, because they come from elsewhere (foreign layer) or are always there (empty layer). */
  readonly due: boolean;
  /** Schema 1 does not tell sizes: then `size` is 0 and this is false. */
  readonly sizeKnown?: false;
  readonly platform?: Platform;
};

export type Annotations = Readonly<Record<string, string>>;

/** What only schema 1 says about itself. */
export type Schema1Facts = {
  readonly name: string;
  readonly tag: string;
  /** `config.Labels` of the top image; may be large, therefore not for events. */
  readonly labels: Annotations;
  /** The payload that the digest is of: the first `length` bytes and `tail` (base64url); null: unsigned, all bytes. */
  readonly signed: { readonly length: number; readonly tail: string } | null;
};

/** Everything that the registry needs to know about a manifest; survives JSON. */
export type ManifestFacts = {
  readonly mediaType: ManifestMediaType;
  readonly kind: ManifestKind;
  /** Bytes of the document as pushed. */
  readonly size: number;
  readonly references: readonly ManifestReference[];
  /** OCI only. Need not exist; not among `references`. */
  readonly subject: Descriptor | null;
  /** As the referrers list shows it: its own, else the config's media type (images); an index has its own or none. */
  readonly artifactType: string | null;
  /** OCI only; all of them. What may go into an event: `annotationsInEvent`. */
  readonly annotations: Annotations;
  readonly configDigest: Digest | null;
  readonly configMediaType: string | null;
  /** Whether the config is that of a container image, where labels can be. */
  readonly isImageConfig: boolean;
  /** Sum of the layers' sizes, as far as known; 0 for an index. */
  readonly layersSize: number;
  readonly schema1: Schema1Facts | null;
};
