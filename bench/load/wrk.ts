import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { toolPath } from '../../test/tools/tools.js';

/** The script stays in the checkout, while this module runs from `dist/bench/load`. */
const script = fileURLToPath(new URL('../../../bench/load/get.lua', import.meta.url));

export type Load = {
  readonly port: number;
  readonly path: string;
  readonly method: 'GET';
  readonly headers: { readonly [name: string]: string };
  readonly connections: number;
  readonly seconds: number;
};

export type Loaded = {
  readonly perSecond: number;
  /** Latency in milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

/** Repeats a request on keep-alive connections, from one thread of wrk. @throws if one was not answered with success */
export async function wrk({ port, path, method, headers, connections, seconds }: Load): Promise<Loaded> {
  const { stdout } = await promisify(execFile)(toolPath('wrk'), [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script],
    ...[`http://127.0.0.1:${port}${path}`, '--', method, ...Object.entries(headers).flat()],
  ]);
  const summary: unknown = JSON.parse(stdout.slice(stdout.lastIndexOf('{')));
  const of = (name: string): number => numberIn(summary, name);
  if (of('failed') > 0) throw new Error(`${of('failed')} of ${of('requests')} requests failed: ${method} ${path}`);
  return { perSecond: (of('requests') / of('microseconds')) * 1e6, p50: of('p50') / 1000, p99: of('p99') / 1000 };
}

function numberIn(summary: unknown, name: string): number {
  const value: unknown = Object.entries(summary ?? {}).find(([key]) => key === name)?.[1];
  if (typeof value !== 'number') throw new Error(`wrk did not tell ${name}`);
  return value;
}
