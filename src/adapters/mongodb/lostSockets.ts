import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { MongoNetworkError } from 'mongodb';

type Connection = { readonly socket: Socket };
type Write = (this: Connection, ...call: unknown[]) => Promise<void>;
const METHOD = 'writeCommand';

/**
 * A connection of mongodb 7.8 begins to watch its socket some moments after that was connected. One that is closed in
 * between, as while a server behind a balancer starts again, takes no bytes, and the connection waits for ever until it
 * does. Where that was to be the look at whether the server is back, it is never found out: the client stays without a
 * server until its process ends. So whoever writes hears of the close.
 *
 * @throws Error if this is a driver that looks different inside
 */
export function noticeLostSockets(): void {
  const loaded: unknown = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js');
  const constructor = typeof loaded === 'object' && loaded !== null && 'Connection' in loaded && loaded.Connection;
  const prototype: unknown = typeof constructor === 'function' ? constructor.prototype : undefined;
  if (!hasWrite(prototype)) throw new Error('the connection of mongodb has changed: see noticeLostSockets');
  const write = prototype[METHOD];
  if (noticing.has(write)) return;
  const notice: Write = function (this: Connection, ...call) {
    return unlessClosed(this.socket, write.apply(this, call));
  };
  noticing.add(notice);
  prototype[METHOD] = notice;
}

const noticing = new WeakSet<Write>();

const hasWrite = (prototype: unknown): prototype is { [METHOD]: Write } =>
  typeof prototype === 'object' && prototype !== null && METHOD in prototype && typeof prototype[METHOD] === 'function';

async function unlessClosed(socket: Socket, writing: Promise<void>): Promise<void> {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  const closed = (): void => {
    reject(new MongoNetworkError('the connection was closed while something was written to it'));
  };
  if (socket.closed) closed();
  else socket.once('close', closed);
  try {
    await Promise.race([writing, lost]);
  } finally {
    socket.off('close', closed);
  }
}
