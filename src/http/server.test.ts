import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFrontDoor } from './server.js';
import { chunksOf } from './v2/body.js';

const IDLE = 500;

const open: { close: () => unknown; closeAllConnections: () => void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** How the bodies of requests ended: their bytes, or null for those that broke off. */
let bodies: (number | null)[] = [];

async function firstBody(): Promise<number | null | undefined> {
  for (let waited = 0; bodies.length === 0 && waited < 5_000; waited += 10) await sleep(10);
  return bodies[0];
}

/** Counts what it is sent; takes its time if it is asked to; sends much if it is asked to. */
async function start(): Promise<() => Socket> {
  const ended: (number | null)[] = [];
  bodies = ended;
  const door = createFrontDoor({
    application: () => undefined,
    registry: (request, response) => {
      const answer = async (): Promise<void> => {
        let bytes = 0;
        for await (const chunk of chunksOf(request)) bytes += chunk.byteLength;
        ended.push(bytes);
        await sleep(Number(request.headers['x-think'] ?? 0));
        response.end(request.url === '/v2/large' ? Buffer.alloc(50_000_000) : String(bytes));
      };
      answer().catch(() => ended.push(null));
    },
    idleMilliseconds: IDLE,
  });
  open.push(door);
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return () => connect((door.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
}

async function answerOf(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString().split('\r\n\r\n')[1] ?? '';
}

describe('the listener', () => {
  it('has limits for silence, headers and connections, and none for a whole request', () => {
    const nothing = (): void => undefined;
    const { timeout, headersTimeout, requestTimeout, keepAliveTimeout, maxConnections, maxHeadersCount } =
      createFrontDoor({ application: nothing, registry: nothing });
    expect({ timeout, headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
      timeout: 120_000,
      headersTimeout: 60_000,
      requestTimeout: 0,
      keepAliveTimeout: 75_000,
      maxConnections: 10_000,
    });
    expect(maxHeadersCount).toBe(createServer().maxHeadersCount);
  });

  it('closes a connection on which nothing is said', async () => {
    const socket = (await start())();
    await once(socket.resume(), 'close');
    expect(bodies).toEqual([]);
  });

  it('closes a connection whose client stops in the middle of a body, which fails', async () => {
    const socket = (await start())();
    socket.write('PATCH /v2/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await once(socket.resume(), 'close');
    expect(await firstBody()).toBeNull();
  });

  it('lets a body fail as soon as its client has closed the connection', async () => {
    const socket = (await start())();
    socket.write('PATCH /v2/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await sleep(50);
    const destroyed = performance.now();
    socket.destroy();
    expect(await firstBody()).toBeNull();
    expect(performance.now() - destroyed).toBeLessThan(IDLE);
  });

  it('closes a connection whose client takes no more of the answer', async () => {
    const socket = (await start())();
    socket.pause().write('GET /v2/large HTTP/1.1\r\nHost: x\r\n\r\n');
    await sleep(IDLE * 4);
    let received = 0;
    socket.on('data', (data: Buffer) => (received += data.byteLength));
    await once(socket.resume(), 'close');
    expect(received).toBeLessThan(50_000_000);
  });

  it('leaves a slow upload alone that goes on, and a client that waits for us', async () => {
    const socket = (await start())();
    socket.write(`PATCH /v2/x HTTP/1.1\r\nHost: x\r\nX-Think: ${IDLE * 3}\r\nContent-Length: 8\r\n\r\n`);
    for (let sent = 0; sent < 8; sent++) {
      await sleep(IDLE / 4);
      socket.write('x');
    }
    expect(await answerOf(socket)).toBe('8');
    // The connection is kept for the next request.
    await sleep(IDLE * 2);
    socket.write('PATCH /v2/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx');
    expect(await answerOf(socket)).toBe('1');
  });
});
