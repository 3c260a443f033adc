import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interleaved, type Bench, type Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { Generator } from '../load/generatorProcess.js';
import { largeBlob, pushBlob } from '../load/images.js';
import { OURS, times, type Figures, type Row } from '../report.js';
import { PEERS, withContenders } from '../servers/contenders.js';
import type { Server } from '../servers/process.js';
import { settle } from '../settle.js';

const MEBIBYTE = 1024 * 1024;
const BYTES = 64 * MEBIBYTE;
const REPOSITORY = 'bench/blobs';
const UPLOADS = 2;
const DOWNLOADS = 8;
const SLOWER = 'slower of the two';

/** Design section 10: blob upload of 64 MiB, durable, and blob download of 64 MiB. */
export const blobs: Suite = {
  name: 'blobs',
  what: 'upload and download of a blob of 64 MiB, beside SHA-256 and a durable write of as much',
  run: (bench) =>
    withContenders(bench, { suite: 'blobs' }, async (servers) => {
      const generator = new Generator();
      const transfer = async (server: Server, task: 'upload' | 'stream'): Promise<number> => {
        await settle();
        const authorization = await server.authorization(REPOSITORY);
        const place = { port: server.port, repository: REPOSITORY, authorization, connections: 1 };
        const { done, seconds } = await generator.run({ kind: task, bytes: BYTES, times: UPLOADS, ...place });
        return rateOf(done, seconds);
      };
      const rows: Row[] = [];
      for (const kind of ['stream', 'upload'] as const) rows.push(await uploads(bench, servers, kind, transfer));
      rows.push(await downloads(bench, servers, generator));
      generator.close();
      return rows;
    }),
};

const rateOf = (done: number, seconds: number): number => (done * BYTES) / MEBIBYTE / seconds;

type Subject = () => Promise<number>;

async function uploads(
  bench: Bench,
  servers: ReadonlyMap<string, Server>,
  kind: 'upload' | 'stream',
  transfer: (server: Server, kind: 'upload' | 'stream') => Promise<number>,
): Promise<Row> {
  const folder = await bench.folder('disk');
  const yardsticks: [string, Subject][] = [
    ['SHA-256', () => Promise.resolve(hashing())],
    ['write and fsync', () => writing(folder)],
  ];
  const contenders = [...servers].map(([name, server]): [string, Subject] => [name, () => transfer(server, kind)]);
  const what = kind === 'stream' ? 'upload, POST, PATCH, PUT' : 'upload, POST, PUT';
  const measured = await interleaved(bench, what, new Map([...contenders, ...yardsticks]), (subject) => subject());
  const disk = measured['write and fsync'] ?? [];
  const slower = (measured['SHA-256'] ?? []).map((rate, round) => Math.min(rate, disk[round] ?? rate));
  const figures: Figures = { ...measured, [SLOWER]: slower };
  const bars = [times(figures, 0.8, SLOWER), ...PEERS.map((peer) => times(figures, 1, peer))];
  return { suite: 'blobs', measure: what, unit: 'MiB/s', figures, bars, notes: 'peers do not make a blob durable' };
}

/** One thread, pieces of 64 KiB as they come from a socket. */
function hashing(): number {
  const piece = Buffer.alloc(64 * 1024, 7);
  const computing = createHash('sha256');
  const started = performance.now();
  for (let done = 0; done < BYTES; done += piece.byteLength) computing.update(piece);
  computing.digest();
  return rateOf(1, (performance.now() - started) / 1000);
}

async function writing(folder: string): Promise<number> {
  await settle();
  const path = join(folder, 'written');
  const piece = Buffer.alloc(MEBIBYTE, 7);
  const started = performance.now();
  const file = await open(path, 'w');
  for (let done = 0; done < BYTES; done += piece.byteLength) await file.write(piece);
  await file.sync();
  await file.close();
  const seconds = (performance.now() - started) / 1000;
  await rm(path);
  return rateOf(1, seconds);
}

async function downloads(bench: Bench, servers: ReadonlyMap<string, Server>, generator: Generator): Promise<Row> {
  const blob = largeBlob(BYTES);
  for (const server of servers.values()) {
    const connection = await Connection.open(server.port);
    await pushBlob(connection, { repository: REPOSITORY, authorization: await server.authorization(REPOSITORY) }, blob);
    connection.close();
  }
  const busy: number[] = [];
  const figures = await interleaved(bench, 'download', servers, async (server) => {
    const authorization = await server.authorization(REPOSITORY);
    const place = { port: server.port, repository: REPOSITORY, authorization, connections: 1 };
    const path = `/v2/${REPOSITORY}/blobs/${blob.digest}`;
    const outcome = await generator.run({ kind: 'download', path, times: DOWNLOADS, ...place });
    if (server.name === OURS) busy.push(outcome.busy);
    return rateOf(outcome.done, outcome.seconds);
  });
  const bars = PEERS.map((peer) => times(figures, 1, peer));
  const notes = `the generator was busy ${Math.round(Math.max(...busy) * 100)} % of the time`;
  return { suite: 'blobs', measure: 'download', unit: 'MiB/s', figures, bars, notes };
}
