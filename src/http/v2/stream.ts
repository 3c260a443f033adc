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

/** @throws ClientGone */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      response.off('drain', onDrain).off('close', onClose);
      act();
    };
    const onDrain = settle(resolve);
    const onClose = settle(() => {
      reject(new ClientGone());
    });
    response.once('drain', onDrain).once('close', onClose);
    if (response.destroyed) onClose();
  });
}
