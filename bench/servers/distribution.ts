import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '../../test/tools/tools.js';
import { freePort } from '../../test/support/ports.js';
import { startProcess, type Server } from './process.js';

/** The peers: Debian's build of 2.8 and our build of 3.0. */
const peers = {
  'distribution 2.8': { tool: 'docker-registry' },
  'distribution 3.0': { tool: 'distribution' },
} as const;

export type Peer = keyof typeof peers;

/** Files in a folder, descriptors cached in memory (as the configuration that it ships with), no authentication, quiet. */
const configuration = (folder: string, port: number): string => `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(folder)} }
  cache: { blobdescriptor: inmemory }
  delete: { enabled: true }
http: { addr: "127.0.0.1:${port}" }
`;

export async function startDistribution(name: Peer, folder: string): Promise<Server> {
  const port = await freePort();
  const file = join(folder, 'config.yml');
  await writeFile(file, configuration(join(folder, 'registry'), port));
  const command = { file: toolPath(peers[name].tool), args: ['serve', file], name, port };
  // Version 3 would look for a collector of traces.
  const started = await startProcess({ ...command, env: { OTEL_TRACES_EXPORTER: 'none' } });
  return { ...started, authorization: () => Promise.resolve(undefined) };
}
