import type { Digest } from '../domain/shared/digest.js';
import type { Generation } from '../ports/blobStore.js';

/**
 * What is wrong with stored bytes. `missing`: they are not there, or not as many as there should be. `altered`: they are
 * others than their digest says.
 */
export type Damage = 'missing' | 'altered';

/**
 * What the blob store has of a digest. `live`: readable. `condemned`: a collector wants it and a writer may take it back.
 * `gone`: deleted. `missing`, `altered`: found damaged. Where nothing can be read the next storing gets a new generation.
 */
export type ContentRecord = {
  readonly generation: Generation;
  /** In bytes. */
  readonly size: number;
  readonly state: 'live' | 'condemned' | 'gone' | Damage;
};

export type Stored = { readonly digest: Digest; readonly size: number; readonly generation: Generation };

export const CONTENTS = 'contents';

/** Whether the bytes are said to be there. */
export const isReadable = ({ state }: ContentRecord): boolean => state === 'live' || state === 'condemned';

/** What was found to be wrong with the bytes, if something was. */
export const damageOf = ({ state }: ContentRecord): Damage | undefined =>
  state === 'missing' || state === 'altered' ? state : undefined;

export const storedAs = (digest: Digest, { size, generation }: ContentRecord): Stored => ({ digest, size, generation });
