import type { ServerResponse } from 'node:http';

/** The client went away before it had everything. */
export class ClientGone extends Error {}

/**
 * Sends a source as the body, as fast as the client takes it and no faster. A chunk is done with before the next one is
 * asked for, so its buffer may be lent.
 *
 * @returns bytes sent
 * @throws ClientGone
 */
export async function writeBody(response: ServerResponse, source: AsyncIterable<Uint8Array>): Promise<number> {
  let sent = 0;
  for await (const chunk of source) {
    await written(response, chunk);
    sent += chunk.byteLength;
  }
  response.end();
  return sent;
}

/** @throws ClientGone */
function written(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new ClientGone());
    };
    if (response.destroyed) {
      gone();
      return;
    }
    response.once('close', gone);
    response.write(chunk, (error) => {
      response.off('close', gone);
      if (error) gone();
      else resolve();
    });
  });
}
