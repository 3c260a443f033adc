import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MongoNetworkError } from 'mongodb';
import { noticeLostSockets } from './lostSockets.js';

type Driver = {
  readonly Connection: {
    readonly prototype: {
      writeCommand(this: { readonly socket: Socket }, message: object, options: object): Promise<void>;
    };
  };
};

const server = createServer((socket) => socket.on('error', () => undefined));
const message = { toBin: () => Promise.resolve([Buffer.from('hello')]) };
const options = { agreedCompressor: 'none' };
let socket: Socket;

/** As the driver writes, on any socket. */
function written(): Promise<void> {
  const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as Driver;
  return Connection.prototype.writeCommand.call({ socket }, message, options);
}

beforeEach(async () => {
  noticeLostSockets();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
});
afterEach(() => {
  socket.destroy();
  server.close();
});

it('writes', async () => {
  await written();
  expect(socket.listenerCount('close')).toBe(0);
});

it('does not wait for a socket that was closed before it was written to', async () => {
  socket.destroy();
  await once(socket, 'close');
  await expect(written()).rejects.toThrow(MongoNetworkError);
});

it('does not wait for a socket that is being closed', async () => {
  socket.destroy();
  await expect(written()).rejects.toThrow(MongoNetworkError);
});
