import { readFile } from 'node:fs/promises';

/**
 * One thing that a traced process did, in the order in which it took effect. Paths are relative to the traced folder
 * ('' is the folder itself); a handle stands for an open file from its `open` on.
 */
export type Operation =
  | { readonly kind: 'open'; readonly handle: number; readonly path: string; readonly truncates: boolean }
  | { readonly kind: 'write'; readonly handle: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly handle: number; readonly size: number }
  /** The file was made at least this long. */
  | { readonly kind: 'extend'; readonly handle: number; readonly end: number }
  | { readonly kind: 'rename' | 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink' | 'rmdir' | 'mkdir'; readonly path: string }
  /** A sync covers what was done before its beginning, and counts from its end on. */
  | { readonly kind: 'sync-begin'; readonly handle: number; readonly sync: number }
  | { readonly kind: 'sync-end'; readonly sync: number }
  /** A writable shared map: what is written through it cannot be seen. */
  | { readonly kind: 'map'; readonly handle: number }
  /** The process told the world something. */
  | { readonly kind: 'ack'; readonly text: string };

/** As in shim.c: op, handle, number, flags, lengths of two paths, length of the data. */
const HEADER_BYTES = 40;
const O_TRUNC = 0o1000;

/** @throws Error if the trace was cut short or holds what shim.c does not write */
export async function readTrace(path: string): Promise<readonly Operation[]> {
  const trace = await readFile(path);
  const operations: Operation[] = [];
  for (let at = 0; at < trace.byteLength;) {
    const lengths = [trace.readUInt32LE(at + 24), trace.readUInt32LE(at + 28), Number(trace.readBigUInt64LE(at + 32))];
    const [pathLength = 0, otherLength = 0, dataLength = 0] = lengths;
    const pathAt = at + HEADER_BYTES;
    const dataAt = pathAt + pathLength + otherLength;
    const end = dataAt + dataLength;
    if (end > trace.byteLength) throw new Error('the trace ends within a record');
    operations.push(
      operationOf({
        code: trace.readUInt32LE(at),
        handle: trace.readUInt32LE(at + 4),
        number: Number(trace.readBigUInt64LE(at + 8)),
        flags: Number(trace.readBigUInt64LE(at + 16)),
        path: trace.toString('utf8', pathAt, pathAt + pathLength),
        other: trace.toString('utf8', pathAt + pathLength, dataAt),
        data: trace.subarray(dataAt, end),
      }),
    );
    at = end;
  }
  return operations;
}

type RawRecord = {
  readonly code: number;
  readonly handle: number;
  readonly number: number;
  readonly flags: number;
  readonly path: string;
  readonly other: string;
  readonly data: Buffer;
};

/** The codes are those of the enum in shim.c. */
function operationOf({ code, handle, number, flags, path, other, data }: RawRecord): Operation {
  switch (code) {
    case 1:
      return { kind: 'open', handle, path, truncates: (flags & O_TRUNC) !== 0 };
    case 2:
      return { kind: 'write', handle, at: number, bytes: data };
    case 3:
      return { kind: 'truncate', handle, size: number };
    case 4:
      return { kind: 'extend', handle, end: number };
    case 5:
      return { kind: 'rename', path, to: other };
    case 6:
      return { kind: 'unlink', path };
    case 7:
      return { kind: 'rmdir', path };
    case 8:
      return { kind: 'mkdir', path };
    case 9:
      return { kind: 'link', path, to: other };
    case 10:
      return { kind: 'sync-begin', handle, sync: number };
    case 11:
      return { kind: 'sync-end', sync: number };
    case 12:
      return { kind: 'map', handle };
    case 13:
      return { kind: 'ack', text: data.toString('utf8') };
    default:
      throw new Error(`the trace holds an unknown record: ${code}`);
  }
}
