import { percentile } from '../statistics.js';
import { Connection } from './connection.js';
import { largeBlob, pushBlob, putManifest, streamBlob, uniqueImage, type Place } from './images.js';

/** What a load generator is asked for. */
export type Task = Place & { readonly port: number; readonly connections: number } & (
    | { readonly kind: 'pushes'; readonly seconds: number; readonly layerBytes: number }
    | { readonly kind: 'upload' | 'stream'; readonly bytes: number; readonly times: number }
    | { readonly kind: 'download'; readonly path: string; readonly times: number }
    | { readonly kind: 'gets' | 'heads'; readonly path: string; readonly accept: string; readonly seconds: number }
  );

export type Outcome = {
  readonly done: number;
  readonly seconds: number;
  /** Of one push or transfer, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** How much of the time the generator's thread was busy: near 1, it is the generator that was measured. */
  readonly busy: number;
};

/** Calls a piece of work again and again on each connection. */
type Work = (connection: Connection, turn: string) => Promise<void>;

export async function perform(task: Task): Promise<Outcome> {
  const latencies: number[] = [];
  const connections = await Promise.all(Array.from({ length: task.connections }, () => Connection.open(task.port)));
  const { work, goesOn } = plan(task);
  const started = performance.now();
  const idle = performance.eventLoopUtilization();
  await Promise.all(
    connections.map(async (connection, lane) => {
      for (let turn = 0; goesOn(turn, performance.now() - started); turn++) {
        const begun = performance.now();
        await work(connection, `${lane}-${turn}`);
        latencies.push(performance.now() - begun);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const busy = performance.eventLoopUtilization(idle).utilization;
  for (const connection of connections) connection.close();
  return { done: latencies.length, seconds, p50: percentile(latencies, 50), p99: percentile(latencies, 99), busy };
}

function plan(task: Task): { readonly work: Work; readonly goesOn: (turn: number, milliseconds: number) => boolean } {
  switch (task.kind) {
    case 'pushes':
      return { work: push(task, task.layerBytes), goesOn: (_, milliseconds) => milliseconds < task.seconds * 1000 };
    case 'gets':
    case 'heads':
      return {
        work: ask(task.kind === 'gets' ? 'GET' : 'HEAD', task),
        goesOn: (_, milliseconds) => milliseconds < task.seconds * 1000,
      };
    case 'download':
      return { work: download(task, task.path), goesOn: (turn) => turn < task.times };
    case 'upload':
    case 'stream':
      return { work: upload(task), goesOn: (turn) => turn < task.times };
  }
}

const push =
  (place: Place, layerBytes: number): Work =>
  async (connection, turn) => {
    const { config, layer, manifest } = uniqueImage(layerBytes);
    await pushBlob(connection, place, config);
    await pushBlob(connection, place, layer);
    await putManifest(connection, place, `t${turn}`, manifest);
  };

/** The blobs are made, and hashed, before the time runs. */
function upload(task: Extract<Task, { kind: 'upload' | 'stream' }>): Work {
  const blobs = Array.from({ length: task.connections * task.times }, () => largeBlob(task.bytes));
  const send = task.kind === 'stream' ? streamBlob : pushBlob;
  return async (connection) => {
    const blob = blobs.pop();
    if (blob) await send(connection, task, blob);
  };
}

const ask =
  (method: 'GET' | 'HEAD', { authorization, path, accept }: Extract<Task, { kind: 'gets' | 'heads' }>): Work =>
  async (connection) => {
    await connection.expect(200, { method, path, authorization, accept });
  };

const download =
  ({ authorization }: Place, path: string): Work =>
  async (connection) => {
    await connection.expect(200, { method: 'GET', path, authorization });
  };
