/** Buffers beyond the first of each upload that all uploads together may have, so that pieces travel while others fill. */
const SHARED_BUFFERS = 3;

/**
 * Memory for the pieces of all uploads on an engine. Each upload has one buffer for the asking, so that nobody waits for a
 * client who is slow; further ones come out of a common store. Buffers are used again: what is left to the garbage
 * collector stays for longer than a piece takes to be stored.
 */
export class PieceMemory {
  #free: Buffer[] = [];
  #lent = 0;
  #shared = SHARED_BUFFERS;

  /** @param bytes how large most buffers are */
  constructor(private readonly bytes: number) {}

  /** @param isFirst whether the upload has no other @returns undefined if there is none for it now */
  take(bytes: number, isFirst: boolean): Buffer | undefined {
    if (!isFirst) {
      if (this.#shared === 0) return undefined;
      this.#shared -= 1;
    }
    this.#lent += 1;
    return (bytes === this.bytes ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes);
  }

  /** @param isLast whether the upload has no other any more */
  giveBack(buffer: Buffer, isLast: boolean): void {
    if (!isLast) this.#shared += 1;
    this.#lent -= 1;
    if (this.#lent === 0) this.#free = [];
    else if (buffer.byteLength === this.bytes && this.#free.length < SHARED_BUFFERS) this.#free.push(buffer);
  }
}
