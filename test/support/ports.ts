import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux (32768), macOS and Windows (49152) lend to outgoing connections by default: a port from there can be
 * taken by any connection of this machine between two lives of a process that is to keep its address.
 */
const [LOWEST, HIGHEST] = [10_000, 32_767] as const;

/** Each is given once, whether or not somebody listens on it by then. */
const given = new Set<number>();

/** A port that nobody listens on, for a process that starts soon and may be restarted on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

/** On every address, as the registry listens. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port), 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
