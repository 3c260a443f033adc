import type { ObjectStore, Piece } from './objectStore.js';
import type { PieceMemory } from './pieceMemory.js';
import type { Pieces } from './pieces.js';

/** What is gathered as it came, so that small uploads take no whole buffer. */
const GATHERED_BYTES = 1024 * 1024;
/** After so many pieces they become twice as large, so that those that an engine joins reach for any blob. */
const DOUBLED_AFTER = 2_000;

/** How large the piece with a number is, counted from 0, in bytes. */
export const pieceBytesAt = (smallest: number, index: number): number =>
  smallest * 2 ** Math.floor(index / DOUBLED_AFTER);

/**
 * Cuts a stream of bytes into pieces and stores each as soon as it is full. While one travels the next one fills, if there
 * is memory for it.
 */
export class PieceWriter implements Pieces {
  readonly #pieces: Piece[];
  readonly #kept: number;
  readonly #underWay = new Set<Promise<void>>();
  /** The beginning of a piece that has no buffer yet. */
  #gathered: Uint8Array[] = [];
  #buffer: Buffer | undefined;
  /** Bytes of the present piece. */
  #filled = 0;
  #buffers = 0;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param before pieces that stay as they are
   * @param prefix what the names of new ones begin with; nobody else uses it
   */
  constructor(
    private readonly objects: Pick<ObjectStore, 'pieceBytes' | 'put'>,
    private readonly memory: PieceMemory,
    before: readonly Piece[],
    private readonly prefix: string,
  ) {
    this.#pieces = [...before];
    this.#kept = before.length;
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    const end = this.#filled + chunk.byteLength;
    if (this.#buffer && end < this.#buffer.byteLength) {
      this.#buffer.set(chunk, this.#filled);
    } else if (!this.#buffer && end <= Math.min(GATHERED_BYTES, this.#pieceBytes - 1)) {
      this.#gathered.push(chunk);
    } else {
      return this.#fill(chunk);
    }
    this.#filled = end;
    return undefined;
  }

  async finish(): Promise<readonly Piece[]> {
    if (this.#filled > 0) this.#send(this.#buffer);
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
    return this.#pieces;
  }

  async discard(): Promise<readonly Piece[]> {
    if (this.#buffer) this.#giveBack(this.#buffer);
    [this.#buffer, this.#gathered, this.#filled] = [undefined, [], 0];
    await Promise.all(this.#underWay);
    return this.#pieces.slice(this.#kept);
  }

  get #pieceBytes(): number {
    return pieceBytesAt(this.objects.pieceBytes, this.#pieces.length);
  }

  async #fill(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.byteLength > 0) {
      const buffer = this.#buffer ?? (await this.#take());
      const part = rest.subarray(0, buffer.byteLength - this.#filled);
      buffer.set(part, this.#filled);
      this.#filled += part.byteLength;
      rest = rest.subarray(part.byteLength);
      if (this.#filled === buffer.byteLength) this.#send(buffer);
    }
  }

  /** A buffer for the present piece, as soon as there is one, with what was gathered in it. */
  async #take(): Promise<Buffer> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const buffer = this.memory.take(this.#pieceBytes, this.#buffers === 0);
      if (buffer) {
        this.#buffers += 1;
        this.#buffer = buffer;
        let end = 0;
        for (const chunk of this.#gathered.splice(0)) {
          buffer.set(chunk, end);
          end += chunk.byteLength;
        }
        return buffer;
      }
      await Promise.race(this.#underWay);
    }
  }

  #giveBack(buffer: Buffer): void {
    this.#buffers -= 1;
    this.memory.giveBack(buffer, this.#buffers === 0);
  }

  /** @param buffer where the present piece is; undefined: it was only gathered */
  #send(buffer: Buffer | undefined): void {
    const name = `${this.prefix}.${this.#pieces.length}`;
    const bytes = buffer?.subarray(0, this.#filled) ?? Buffer.concat(this.#gathered);
    [this.#buffer, this.#gathered, this.#filled] = [undefined, [], 0];
    this.#pieces.push({ name, size: bytes.byteLength });
    const sending = this.objects
      .put(name, bytes)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#underWay.delete(sending);
        if (buffer) this.#giveBack(buffer);
      });
    this.#underWay.add(sending);
  }
}
