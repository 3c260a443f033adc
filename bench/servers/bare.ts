import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/ports.js';
import { startProcess, type Server } from './process.js';

const program = fileURLToPath(new URL('bareServer.js', import.meta.url));

/** The yardstick: what `node:http` itself can do on this machine. */
export async function startBare(): Promise<Server> {
  const port = await freePort();
  const started = await startProcess({
    file: process.execPath,
    args: [program, String(port)],
    name: 'bare node:http',
    port,
  });
  return { ...started, authorization: () => Promise.resolve('Bearer anything') };
}
