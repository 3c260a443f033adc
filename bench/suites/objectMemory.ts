import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { gcsEngine } from '../../test/engines/gcs.js';
import { s3Engine } from '../../test/engines/s3.js';
import { googleStorage, s3Storage } from '../../test/engines/storages.js';
import type { Bench, Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { Generator } from '../load/generatorProcess.js';
import { largeBlob, pushBlob } from '../load/images.js';
import { limit, OURS, type Row } from '../report.js';
import { startTidemark } from '../servers/tidemark.js';

const MEBIBYTE = 1024 * 1024;
const BYTES = 1024 * MEBIBYTE;
const AT_A_TIME = 8;
const REPOSITORY = 'bench/memory';
const MOST_MEBIBYTES = 300;

/**
 * The bar of design section 10, with blobs elsewhere, each of which goes through the registry. The engine is the machine's
 * own: what it takes of processor and disk is missing in the rates.
 */
export const objectMemory: Suite = {
  name: 'object-memory',
  what: 'most resident memory of our server while 8 blobs of 1 GiB go to and come from an object store (18 GiB of disk each)',
  run: async (bench) => [
    ...(await onEngine(bench, 'S3', await s3Engine(), ({ settings }) => s3Storage(settings, randomUUID()))),
    ...(await onEngine(bench, 'GCS', await gcsEngine(), ({ settings }) => googleStorage(settings, randomUUID()))),
  ],
};

async function onEngine<Engine extends { stop(): Promise<void> }>(
  bench: Bench,
  name: string,
  engine: Engine | undefined,
  storageOf: (engine: Engine) => string,
): Promise<Row[]> {
  if (!engine) return [];
  try {
    return [await measured(bench, name, storageOf(engine))];
  } finally {
    await engine.stop();
  }
}

async function measured(bench: Bench, name: string, storage: string): Promise<Row> {
  const server = await startTidemark({
    folder: join(await bench.folder('tidemark'), 'data'),
    settings: { DISTRIBUTED_STORAGE_CONFIG: storage, FEATURE_PROXY_STORAGE: 'true' },
  });
  const generator = new Generator();
  try {
    const authorization = await server.authorization(REPOSITORY);
    const place = { port: server.port, repository: REPOSITORY, authorization, connections: AT_A_TIME };
    const rate = ({ done, seconds }: { readonly done: number; readonly seconds: number }): string =>
      `${Math.round((done * BYTES) / MEBIBYTE / seconds)} MiB/s`;
    const idle = peakOf(server.pid);
    const pushed = rate(await generator.run({ kind: 'stream', bytes: BYTES, times: 1, ...place }));
    const pushing = peakOf(server.pid);
    const blob = largeBlob(BYTES);
    const connection = await Connection.open(server.port);
    await pushBlob(connection, place, blob);
    connection.close();
    const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
    const pulled = rate(await generator.run({ kind: 'download', path, times: 1, ...place }));
    const pulling = peakOf(server.pid);
    const figures = { idle: [idle], [`${OURS}, pushing`]: [pushing], [`${OURS}, and pulling`]: [pulling] };
    const bars = [limit('most', MOST_MEBIBYTES, pulling, 'MiB')];
    const notes = `pushed at ${pushed}, pulled at ${pulled}, all together`;
    return {
      suite: 'object-memory',
      measure: `${name}: resident memory, its peak so far`,
      unit: 'MiB',
      figures,
      bars,
      notes,
    };
  } finally {
    generator.close();
    await server.stop();
  }
}

/** The most that was resident so far, in MiB. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
