import { randomBytes } from 'node:crypto';
import type { UploadId, UploadStep } from '../../../ports/blobStore.js';
import { OffsetConflict } from '../../../ports/errors.js';
import type { ObjectNames } from './objectNames.js';
import type { ObjectStore, Piece, Version } from './objectStore.js';

/** Which pieces make an upload, in their order; `ended`: it takes no more bytes and is about to be gone. */
export type UploadState = {
  readonly pieces: readonly Piece[];
  readonly end: number;
  /** Null: it has none yet. */
  readonly version: Version | null;
  readonly ended: boolean;
  /** What the last call made of it, and what that was built on. */
  readonly step: { readonly from: string | null; readonly to: string } | null;
};

/**
 * Whether the bytes up to an offset that was reached at a step are still the same: nothing came since, or one call that
 * was built on them and that nobody was told of.
 */
export const isBuiltOn = ({ step }: UploadState, at: string | null): boolean =>
  step === null ? at === null : step.to === at || step.from === at;

/** Sets the names of one call's pieces apart from those of all others. */
export const freshName = (): string => randomBytes(9).toString('base64url');

/**
 * The record of each upload: one object that changes by compare-and-set only. Pieces count if they stand in it, so of two
 * calls at the same time, in whichever processes, the engine lets one win.
 */
export class UploadStates {
  constructor(
    private readonly objects: ObjectStore,
    private readonly names: ObjectNames,
  ) {}

  async load(upload: UploadId): Promise<UploadState> {
    const found = await this.objects.get(this.names.state(upload));
    if (!found) return { pieces: [], end: 0, version: null, ended: false, step: null };
    const state = this.#decode(upload, found.bytes);
    const pieces = state?.pieces ?? [];
    const end = pieces.reduce((sum, { size }) => sum + size, 0);
    return { pieces, end, version: found.version, ended: state === undefined, step: state?.step ?? null };
  }

  /** @throws OffsetConflict if somebody else changed the upload since it was loaded: then no state names the new pieces */
  async save(upload: UploadId, before: UploadState, pieces: readonly Piece[], step: UploadStep): Promise<void> {
    const saved = await this.objects.putIf(this.names.state(upload), encode(step, pieces), before.version);
    if (saved) return;
    // The answer to an earlier try may have got lost, and somebody else may have gone on from there already.
    const found = await this.objects.get(this.names.state(upload));
    const present = found && this.#decode(upload, found.bytes);
    const own = `${this.names.upload(upload)}${step.to}.`;
    if (present?.step.to === step.to || present?.pieces.some((piece) => piece.name.startsWith(own)) === true) return;
    throw await this.#overtaken(upload, before);
  }

  /** Takes the record away, so that nobody else can go on. @throws OffsetConflict if somebody else has changed it */
  async end(upload: UploadId, before: UploadState): Promise<void> {
    if (before.version === null) return;
    if (!(await this.objects.removeIf(this.names.state(upload), before.version))) {
      throw await this.#overtaken(upload, before);
    }
  }

  /** Whether somebody else changed the upload since it was loaded. */
  async hasChanged(upload: UploadId, before: UploadState): Promise<boolean> {
    return (await this.load(upload)).version !== before.version;
  }

  async #overtaken(upload: UploadId, { end }: UploadState): Promise<OffsetConflict> {
    return new OffsetConflict(end, (await this.load(upload)).end);
  }

  #decode(upload: UploadId, bytes: Uint8Array): { step: UploadStep; pieces: Piece[] } | undefined {
    if (bytes.byteLength === 0) return undefined;
    const read: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (!isState(read)) throw new Error(`${this.names.state(upload)} is no state of an upload`);
    return {
      step: { from: read.from, to: read.to },
      pieces: read.pieces.map(([name, size]) => ({ name: this.names.upload(upload) + name, size })),
    };
  }
}

type Stored = UploadStep & { readonly pieces: readonly (readonly [name: string, size: number])[] };

function encode({ from, to }: UploadStep, pieces: readonly Piece[]): Uint8Array {
  const stored: Stored = {
    ...{ from, to },
    pieces: pieces.map(({ name, size }) => [name.slice(name.lastIndexOf('/') + 1), size]),
  };
  return Buffer.from(JSON.stringify(stored));
}

const isState = (value: unknown): value is Stored =>
  typeof value === 'object' &&
  value !== null &&
  'to' in value &&
  typeof value.to === 'string' &&
  'from' in value &&
  (value.from === null || typeof value.from === 'string') &&
  'pieces' in value &&
  Array.isArray(value.pieces) &&
  value.pieces.every(isPiece);

const isPiece = (value: unknown): boolean =>
  Array.isArray(value) && typeof value[0] === 'string' && Number.isSafeInteger(value[1]);
