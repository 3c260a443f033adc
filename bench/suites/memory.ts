import { readFileSync } from 'node:fs';
import type { Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { Generator } from '../load/generatorProcess.js';
import { largeBlob, pushBlob } from '../load/images.js';
import { limit, OURS } from '../report.js';
import { startTidemark } from '../servers/tidemark.js';

const GIBIBYTE = 1024 ** 3;
const AT_A_TIME = 8;
const REPOSITORY = 'bench/memory';
const MOST_MEBIBYTES = 300;

/** Design section 10: memory while pushing and pulling 1 GiB blobs, 8 at a time. Writes 9 GiB. */
export const memory: Suite = {
  name: 'memory',
  what: 'most resident memory of our server while 8 blobs of 1 GiB are pushed, and then pulled, at a time (9 GiB of disk)',
  run: async (bench) => {
    const server = await startTidemark({ folder: await bench.folder('tidemark') });
    const generator = new Generator();
    try {
      const authorization = await server.authorization(REPOSITORY);
      const place = { port: server.port, repository: REPOSITORY, authorization, connections: AT_A_TIME };
      const idle = peakOf(server.pid);
      const pushed = await generator.run({ kind: 'stream', bytes: GIBIBYTE, times: 1, ...place });
      const pushing = peakOf(server.pid);
      bench.note(`memory: pushed ${pushed.done} GiB in ${pushed.seconds.toFixed(1)} s`);
      const blob = largeBlob(GIBIBYTE);
      const connection = await Connection.open(server.port);
      await pushBlob(connection, place, blob);
      connection.close();
      const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
      const pulled = await generator.run({ kind: 'download', path, times: 1, ...place });
      bench.note(`memory: pulled ${pulled.done} GiB in ${pulled.seconds.toFixed(1)} s`);
      const pulling = peakOf(server.pid);
      const figures = { idle: [idle], [`${OURS}, pushing`]: [pushing], [`${OURS}, and pulling`]: [pulling] };
      const bars = [limit('most', MOST_MEBIBYTES, pulling, 'MiB')];
      const measure = 'resident memory, its peak so far';
      return [{ suite: 'memory', measure, unit: 'MiB', figures, bars }];
    } finally {
      generator.close();
      await server.stop();
    }
  },
};

/** The most that was resident so far, in MiB. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
