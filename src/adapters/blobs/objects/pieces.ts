import type { ObjectStore, Piece } from './objectStore.js';
import type { PieceMemory } from './pieceMemory.js';
import { OnePiece } from './onePiece.js';
import { PieceWriter } from './pieceWriter.js';

/** Stores what one call brings as pieces that nobody knows yet. */
export interface Pieces {
  /** Takes bytes, which must not change any more; whoever gets a promise waits for it before he brings the next. */
  add(chunk: Uint8Array): Promise<void> | undefined;
  /** Stores what is left. @returns all pieces, those before this call, too, once they are durable */
  finish(): Promise<readonly Piece[]>;
  /** Ends without a result. @returns the pieces that may have been stored and that nobody will name */
  discard(): Promise<readonly Piece[]>;
}

/**
 * The pieces of one call, in constant memory: as large as the engine wants them, or one if it takes any length.
 *
 * @param before pieces that stay as they are
 * @param prefix what the names of new ones begin with; nobody else uses it
 */
export function piecesOn(objects: ObjectStore, memory: PieceMemory, before: readonly Piece[], prefix: string): Pieces {
  const write = objects.write?.bind(objects);
  return write
    ? new OnePiece(write, before, `${prefix}.${before.length}`)
    : new PieceWriter(objects, memory, before, prefix);
}
