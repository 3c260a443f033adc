import type { Digest } from '../shared/digest.js';
import type { TagText } from './events.js';

export type FormerRepositoryEvents = {
  /** A tag points again where it pointed at some time before. Read it as one that never stops being alive. */
  'TagRestored.v1': {
    readonly tag: TagText;
    /** Where it points now. */
    readonly digest: Digest;
    /** Where it pointed until then; null: it was not alive. */
    readonly previous: Digest | null;
    /** The manifests that were deleted by digest and are back with it (itself, children of an index). */
    readonly revived: readonly Digest[];
  };
};
