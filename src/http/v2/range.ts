import type { ByteRange } from '../../ports/blobStore.js';

const RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * A single byte range (RFC 9110 section 14.2). Several ranges, other units and nonsense are ignored, as the RFC allows;
 * a range that begins behind the end, or ends before it begins, cannot be satisfied.
 *
 * @param size of the whole, in bytes
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = RANGE.exec(header ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffix = Math.min(Number(last), size);
    return suffix === 0 ? 'unsatisfiable' : { start: size - suffix, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}
