import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.js';

/** @returns the address to type into a browser */
export function listen(door: Server, { HTTP_HOST: host, HTTP_PORT: port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      const why = 'code' in error && error.code === 'EADDRINUSE' ? 'something listens there already' : error.message;
      reject(new Error(`cannot listen on port ${port}: ${why}. TIDEMARK_HTTP_PORT chooses another`, { cause: error }));
    };
    door.once('error', refused);
    door.listen({ host, port, ipv6Only: host === '::' }, () => {
      door.off('error', refused);
      resolve(urlOf(door.address()));
    });
  });
}

/** What to type into a browser: the wildcard addresses are not one. */
function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  const host = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(address.address) ? 'localhost' : address.address;
  return `http://${host}:${address.port}`;
}
