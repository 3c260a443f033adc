import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasArrived } from './body.js';

/** What a server finds of a request whose head comes with this much of its body. */
async function arrivedOf(headers: readonly string[], body: string): Promise<boolean> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    const requested = once(server, 'request') as Promise<[IncomingMessage]>;
    socket.write(['PUT / HTTP/1.1', 'Host: here', ...headers, '', body].join('\r\n'));
    const [request] = await requested;
    return await hasArrived(request);
  } finally {
    socket.destroy();
  }
}

const server = createServer();

describe('a body that is here already', () => {
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    server.close();
  });

  it('came in one piece with its head', async () => {
    expect(await arrivedOf(['Content-Length: 5'], 'whole')).toBe(true);
  });

  it('is not one of which a piece is missing', async () => {
    expect(await arrivedOf(['Content-Length: 6'], 'whole')).toBe(false);
  });

  it('is not one that is still to be asked for', async () => {
    expect(await arrivedOf(['Content-Length: 5', 'Expect: 100-continue'], '')).toBe(false);
  });

  it('is not looked for where nobody said how long it is', async () => {
    expect(await arrivedOf(['Transfer-Encoding: chunked'], '5\r\nwhole\r\n0\r\n\r\n')).toBe(false);
  });
});
