import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { startBare } from './bare.js';
import { startDistribution, type Peer } from './distribution.js';
import type { Server } from './process.js';
import { startTidemark } from './tidemark.js';

export const PEERS: readonly Peer[] = ['distribution 2.8', 'distribution 3.0'];

/** Ours and its peers, all running; an idle one costs nothing. With the yardstick, also the bare server. */
export async function withContenders<Result>(
  bench: Bench,
  { suite, yardstick = false }: { readonly suite: string; readonly yardstick?: boolean },
  use: (contenders: ReadonlyMap<string, Server>) => Promise<Result>,
): Promise<Result> {
  const servers: Server[] = [];
  try {
    servers.push(await startTidemark({ folder: await bench.folder('tidemark'), nodeOptions: profiling(bench, suite) }));
    for (const peer of PEERS)
      servers.push(await startDistribution(peer, await bench.folder(peer.replaceAll(' ', '-'))));
    if (yardstick) servers.push(await startBare());
    return await use(new Map(servers.map((server) => [server.name, server])));
  } finally {
    for (const server of servers) await server.stop();
  }
}

const profiling = ({ profiles }: Bench, suite: string): string[] =>
  profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, suite)}`];
