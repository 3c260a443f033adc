import type { IncomingMessage } from 'node:http';
import { OciError } from './errors.js';

/**
 * The whole body, up to a limit.
 *
 * @throws OciError 413 for a larger one; the connection is then closed after the answer, not read to its end
 */
export async function readBody(request: IncomingMessage, maximum: number): Promise<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maximum) throw tooLarge(announced, maximum);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength;
    if (size > maximum) throw tooLarge(size, maximum);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const tooLarge = (size: number, maximum: number): OciError =>
  new OciError(
    413,
    'MANIFEST_INVALID',
    `a manifest may have at most ${maximum} bytes`,
    { size, maximum },
    { Connection: 'close' },
  );

/** A request's body in pieces. No encoding is ever set, so they are bytes. */
export async function* chunksOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  for await (const chunk of request) if (chunk instanceof Uint8Array) yield chunk;
}
