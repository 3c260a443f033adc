import type { ContentKey, UploadId, UploadStep } from '../../../ports/blobStore.js';
import { ContentMissing, OffsetConflict } from '../../../ports/errors.js';
import { isUploadId } from '../layout.js';
import type { Uploads } from '../uploads.js';
import { ObjectBody } from './objectBody.js';
import type { ObjectNames } from './objectNames.js';
import type { ObjectStore, Piece } from './objectStore.js';
import { sideBySide } from '../../../concurrency/sideBySide.js';
import { freshName, isBuiltOn, UploadStates, type UploadState } from './uploadStates.js';
import { PieceMemory } from './pieceMemory.js';
import { piecesOn, type Pieces } from './pieces.js';
import { pieceBytesAt } from './pieceWriter.js';

/**
 * Uploads as pieces: objects that never change once they are there. A call stores its pieces under names of its own, and
 * they count when the upload's state names them. A last piece that is too small to be joined is read back and goes on
 * as the beginning of the next one.
 *
 * @see UploadStates for what happens when two calls meet
 */
export class ObjectUploads implements Uploads {
  readonly #states: UploadStates;
  readonly #memory: PieceMemory;

  constructor(
    private readonly objects: ObjectStore,
    private readonly names: ObjectNames,
  ) {
    this.#states = new UploadStates(objects, names);
    this.#memory = new PieceMemory(objects.pieceBytes);
  }

  async append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
    given?: UploadStep,
  ): Promise<number> {
    const before = await this.#load(upload, offset, given?.from);
    const step = given ?? { from: before.step?.to ?? null, to: freshName() };
    const { whole, part } = this.#cut(before.pieces, offset);
    const writer = piecesOn(this.objects, this.#memory, whole, this.names.upload(upload) + step.to);
    if (part) await this.#readBack(upload, part, writer);
    let came = false;
    const commit = async (): Promise<number> =>
      came || before.end > offset ? this.#commit(upload, before, writer, step) : offset;
    try {
      for await (const bytes of source) {
        came ||= bytes.byteLength > 0;
        const full = writer.add(bytes);
        if (full) await full;
      }
    } catch (error) {
      // The caller gets the failure of what was under way; whether anything could be kept is said by `kept` alone.
      await (kept ? commit().then(kept) : this.#drop(writer)).catch(() => undefined);
      throw error;
    }
    return commit();
  }

  async *read(upload: UploadId, length: number, at?: string | null): AsyncGenerator<Uint8Array, void, undefined> {
    const { pieces } = await this.#load(upload, length, at);
    let left = length;
    for (const { name, size } of pieces) {
      if (left === 0) return;
      const part = Math.min(size, left);
      yield* this.#bytesOf(upload, { name, size: part });
      left -= part;
    }
  }

  async finish(upload: UploadId, key: ContentKey, size: number, at?: string | null): Promise<void> {
    const target = this.names.content(key);
    const before = size === 0 ? await this.#states.load(upload) : await this.#load(upload, size, at);
    if (size === 0) await this.objects.put(target, new Uint8Array());
    else await this.#join(upload, before, size, target);
    await this.#states.end(upload, before);
    await this.#removeAll(before.pieces);
  }

  /** The state first: without it no piece is missed. */
  async abort(upload: UploadId): Promise<void> {
    await this.objects.remove(this.names.state(upload));
    const left: Piece[] = [];
    for await (const piece of this.objects.list(this.names.upload(upload))) left.push(piece);
    await sideBySide(left, ({ name }) => this.objects.remove(name));
  }

  async *list(): AsyncGenerator<UploadId, void, undefined> {
    for await (const name of this.objects.folders(this.names.uploads)) if (isUploadId(name)) yield name;
  }

  /** Makes what was written count. @returns the new end @throws OffsetConflict if somebody else came first */
  async #commit(upload: UploadId, before: UploadState, writer: Pieces, step: UploadStep): Promise<number> {
    const pieces = await writer.finish().catch(async (error: unknown) => {
      await this.#drop(writer);
      throw error;
    });
    try {
      await this.#states.save(upload, before, pieces, step);
    } catch (error) {
      // After any other failure the state may have been saved, and names them.
      if (error instanceof OffsetConflict) await this.#drop(writer);
      throw error;
    }
    await this.#removeAll(without(before.pieces, pieces));
    return pieces.reduce((sum, { size }) => sum + size, 0);
  }

  async #readBack(upload: UploadId, part: Piece, writer: Pieces): Promise<void> {
    try {
      for await (const bytes of this.#bytesOf(upload, part)) await writer.add(bytes);
    } catch (error) {
      await this.#drop(writer);
      throw error;
    }
  }

  async #drop(writer: Pieces): Promise<void> {
    await this.#removeAll(await writer.discard());
  }

  /**
   * An upload that holds so many bytes.
   *
   * @param at the step that put them there; undefined: whichever
   * @throws OffsetConflict
   */
  async #load(upload: UploadId, length: number, at: string | null | undefined): Promise<UploadState> {
    const state = await this.#states.load(upload);
    const isOther = length > 0 && at !== undefined && !isBuiltOn(state, at);
    if (state.ended || state.end < length || isOther) throw new OffsetConflict(length, state.end);
    return state;
  }

  /** @throws OffsetConflict if somebody else changes the upload meanwhile */
  async #join(upload: UploadId, before: UploadState, size: number, target: string): Promise<void> {
    const { whole, part } = this.#cut(before.pieces, size);
    const last = part && before.pieces.find(({ name }) => name === part.name);
    const writer = piecesOn(this.objects, this.#memory, whole, this.names.upload(upload) + freshName());
    try {
      if (part && part.size !== last?.size) {
        // A part of a piece becomes a piece of its own; one that is taken whole may be as small as it is.
        for await (const bytes of this.#bytesOf(upload, part)) await writer.add(bytes);
        await this.objects.join(await writer.finish(), target);
      } else {
        await this.objects.join(part ? [...whole, part] : whole, target);
      }
    } catch (error) {
      if (await this.#states.hasChanged(upload, before)) throw new OffsetConflict(size, before.end);
      throw error;
    } finally {
      await this.#drop(writer);
    }
  }

  /** The first `end` bytes: pieces that stay as they are, and a last one that cannot, or only a part of it. */
  #cut(pieces: readonly Piece[], end: number): { readonly whole: readonly Piece[]; readonly part: Piece | undefined } {
    const whole: Piece[] = [];
    let left = end;
    for (const { name, size } of pieces) {
      if (left === 0) break;
      const isWhole = size <= left && size >= pieceBytesAt(this.objects.pieceBytes, whole.length);
      if (!isWhole) return { whole, part: { name, size: Math.min(size, left) } };
      whole.push({ name, size });
      left -= size;
    }
    return { whole, part: undefined };
  }

  /** The first bytes of a piece, `size` many. @throws OffsetConflict if somebody ended the upload meanwhile */
  async *#bytesOf(upload: UploadId, { name, size }: Piece): AsyncGenerator<Uint8Array, void, undefined> {
    const range = { start: 0, end: size - 1 };
    try {
      const opened = await this.objects.open(name, range);
      if (!opened) throw new ContentMissing(name);
      yield* new ObjectBody(this.objects, name, opened, range);
    } catch (error) {
      if (error instanceof ContentMissing) throw new OffsetConflict(size, (await this.#states.load(upload)).end);
      throw error;
    }
  }

  /** Pieces that no state names any more. What cannot be removed now goes when the upload's folder is swept. */
  async #removeAll(pieces: readonly Piece[]): Promise<void> {
    await sideBySide(pieces, ({ name }) => this.objects.remove(name).catch(() => undefined));
  }
}

const without = (pieces: readonly Piece[], kept: readonly Piece[]): readonly Piece[] => {
  const names = new Set(kept.map(({ name }) => name));
  return pieces.filter(({ name }) => !names.has(name));
};
