import type { ObjectWriter, Piece } from './objectStore.js';
import type { Pieces } from './pieces.js';

/** All bytes of one call as one piece, which is stored while they come. */
export class OnePiece implements Pieces {
  #opening: Promise<ObjectWriter> | undefined;
  #writer: ObjectWriter | undefined;
  #size = 0;

  constructor(
    private readonly write: (name: string) => Promise<ObjectWriter>,
    private readonly before: readonly Piece[],
    private readonly name: string,
  ) {}

  add(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength === 0) return undefined;
    this.#size += chunk.byteLength;
    return this.#writer ? this.#writer.add(chunk) : this.#begin(chunk);
  }

  async finish(): Promise<readonly Piece[]> {
    if (!this.#opening) return this.before;
    await (await this.#opening).finish();
    return [...this.before, { name: this.name, size: this.#size }];
  }

  async discard(): Promise<readonly Piece[]> {
    if (!this.#opening) return [];
    // Where it could not even begin there is nothing to end.
    const writer = await this.#opening.catch(() => undefined);
    await writer?.discard();
    return [{ name: this.name, size: this.#size }];
  }

  async #begin(chunk: Uint8Array): Promise<void> {
    this.#opening = this.write(this.name);
    this.#writer = await this.#opening;
    await this.#writer.add(chunk);
  }
}
