import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { OciError } from './errors.js';

/**
 * The whole body, up to a limit.
 *
 * @throws OciError 413 for a larger one
 */
export async function readBody(
  request: IncomingMessage,
  maximum: number,
  what: 'a manifest' | 'a token request' = 'a manifest',
): Promise<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maximum) throw tooLarge(what, announced, maximum);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength;
    if (size > maximum) throw tooLarge(what, size, maximum);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const tooLarge = (what: string, size: number, maximum: number): OciError =>
  new OciError(
    413,
    what === 'a manifest' ? 'MANIFEST_INVALID' : 'INVALID_REQUEST',
    `${what} may have at most ${maximum} bytes`,
    { size, maximum },
    { Connection: 'close' },
  );

/** What comes in one piece with its head is no larger, nor would it be kept unread. */
const TOGETHER_BYTES = 16 * 1024;

/**
 * Whether the whole body is here already: what is asked from now on is as of its end. Not looked for in large ones.
 */
export async function hasArrived(request: IncomingMessage): Promise<boolean> {
  if (Number(request.headers['content-length'] ?? Infinity) > TOGETHER_BYTES) return false;
  // The parser tells of the head first, and in the same turn of what came with it.
  if (!request.complete) await setImmediate();
  return request.complete;
}

/** A request's body in pieces. No encoding is ever set, so they are bytes. */
export async function* chunksOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  // Who stops reading still has an answer to give: that must not tear the connection down.
  const pieces: AsyncIterable<unknown> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of pieces) if (chunk instanceof Uint8Array) yield chunk;
}

/** A client that is still writing sees an answer only when it has written all, so this much is read for it. */
const DISCARDED_BYTES = 16 * 1024 * 1024;
const DISCARDING_MILLISECONDS = 10_000;

/** Reads and drops what is left of the body of a request that is refused, up to a bound in size and in time. */
export function discardBody(request: IncomingMessage): Promise<void> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (request.complete || request.destroyed || announced > DISCARDED_BYTES) return Promise.resolve();
  return new Promise((resolve) => {
    let left = DISCARDED_BYTES;
    const count = (chunk: Uint8Array): void => {
      left -= chunk.byteLength;
      if (left < 0) done();
    };
    const done = (): void => {
      clearTimeout(impatience);
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    };
    const impatience = setTimeout(done, DISCARDING_MILLISECONDS);
    request.on('data', count).once('end', done).once('close', done);
  });
}
