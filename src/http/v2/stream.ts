import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** The client went away before it had everything. */
export class ClientGone extends Error {}

/**
 * Sends a source as the body, as fast as the client takes it and no faster.
 *
 * @returns bytes sent
 * @throws ClientGone
 */
export async function writeBody(response: ServerResponse, source: AsyncIterable<Uint8Array>): Promise<number> {
  let sent = 0;
  for await (const chunk of source) {
    if (response.destroyed) throw new ClientGone();
    sent += chunk.byteLength;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
  return sent;
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) throw new ClientGone();
  const leaving = new AbortController();
  const { signal } = leaving;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    leaving.abort();
  }
  if (response.destroyed) throw new ClientGone();
}
