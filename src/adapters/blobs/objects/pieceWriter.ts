import type { ObjectStore, Piece } from './objectStore.js';
import type { Pieces } from './pieces.js';

/** Pieces of one upload that are on their way at a time: one is gathered while these travel. More cost memory first. */
const UNDER_WAY = 1;
/** After so many pieces they become twice as large, so that those that an engine joins reach for any blob. */
const DOUBLED_AFTER = 2_500;

/** How large the piece with a number is, counted from 0, in bytes. */
export const pieceBytesAt = (smallest: number, index: number): number =>
  smallest * 2 ** Math.floor(index / DOUBLED_AFTER);

/** Cuts a stream of bytes into pieces and stores each as soon as it is full, in constant memory. */
export class PieceWriter implements Pieces {
  readonly #pieces: Piece[];
  readonly #kept: number;
  readonly #underWay = new Set<Promise<void>>();
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param before pieces that stay as they are
   * @param prefix what the names of new ones begin with; nobody else uses it
   */
  constructor(
    private readonly objects: ObjectStore,
    before: readonly Piece[],
    private readonly prefix: string,
  ) {
    this.#pieces = [...before];
    this.#kept = before.length;
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength >= this.#room) return this.#fill(chunk);
    this.#gather(chunk);
    return undefined;
  }

  async finish(): Promise<readonly Piece[]> {
    if (this.#gatheredBytes > 0) await this.#send();
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
    return this.#pieces;
  }

  async discard(): Promise<readonly Piece[]> {
    await Promise.all(this.#underWay);
    return this.#pieces.slice(this.#kept);
  }

  /** Bytes that the present piece still takes. */
  get #room(): number {
    return pieceBytesAt(this.objects.pieceBytes, this.#pieces.length) - this.#gatheredBytes;
  }

  #gather(bytes: Uint8Array): void {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.byteLength;
  }

  async #fill(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    for (let room = this.#room; rest.byteLength >= room; room = this.#room) {
      this.#gather(rest.subarray(0, room));
      rest = rest.subarray(room);
      await this.#send();
    }
    if (rest.byteLength > 0) this.#gather(rest);
  }

  async #send(): Promise<void> {
    const name = `${this.prefix}.${this.#pieces.length}`;
    const bytes = Buffer.concat(this.#gathered, this.#gatheredBytes);
    [this.#gathered, this.#gatheredBytes] = [[], 0];
    this.#pieces.push({ name, size: bytes.byteLength });
    const sending = this.objects.put(name, bytes).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#underWay.add(sending);
    void sending.then(() => this.#underWay.delete(sending));
    while (this.#underWay.size > UNDER_WAY) await Promise.race(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }
}
