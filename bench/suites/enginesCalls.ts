import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { MANIFEST_TYPE, pushBlob, putManifest, uniqueImage, type Place } from '../load/images.js';
import type { Row } from '../report.js';
import { BenchCluster, type ClusterNode } from '../servers/cluster.js';
import { cpuSeconds } from '../servers/cpuTime.js';
import { benchEngines } from '../servers/engines.js';

const TIMES = 50;
const IDLE_MILLISECONDS = 5_000;
const REPOSITORY = 'bench/calls';

/** What a request costs in calls to each engine, which is what a genuine one is paid in; one request at a time. */
export const enginesCalls: Suite = {
  name: 'engines-calls',
  what: 'calls of each process to each engine for a request, one request at a time',
  run: async (bench) => {
    const engines = await benchEngines();
    try {
      const cluster = await BenchCluster.start(bench, { engines, roles: ['projector', 'api'], counted: true });
      try {
        return await measure(bench, cluster, engines.text);
      } finally {
        await cluster.stop();
      }
    } finally {
      await engines.stop();
    }
  },
};

type Work = (connection: Connection, place: Place, turn: number) => Promise<unknown>;

const works = (): ReadonlyMap<string, Work> => {
  const known = uniqueImage(1024);
  const images: (typeof known)[] = [];
  const get =
    (path: string): Work =>
    (connection, { authorization }) =>
      connection.expect(200, { method: 'GET', path, authorization, accept: MANIFEST_TYPE });
  return new Map<string, Work>([
    [
      'POST and PUT of a layer of 1 KiB',
      async (connection, place, turn) => {
        const image = (images[turn] ??= uniqueImage(1024));
        await pushBlob(connection, place, image.layer);
      },
    ],
    [
      'POST and PUT of a config',
      (connection, place, turn) => pushBlob(connection, place, (images[turn] ??= uniqueImage(1024)).config),
    ],
    [
      'PUT of a manifest by a new tag',
      (connection, place, turn) => putManifest(connection, place, `t${turn}`, (images[turn] ?? known).manifest),
    ],
    ['GET of a manifest by tag', get(`/v2/${REPOSITORY}/manifests/t0`)],
    ['GET of a page of 20 tags', get(`/v2/${REPOSITORY}/tags/list?n=20`)],
  ]);
};

async function measure(bench: Bench, cluster: BenchCluster, text: string): Promise<readonly Row[]> {
  const [api] = cluster.apis;
  if (!api) throw new Error('no process has the role api');
  const place = { repository: REPOSITORY, authorization: await cluster.authorization(REPOSITORY) };
  const connection = await Connection.open(api.port);
  const warm = uniqueImage(1024);
  await pushBlob(connection, place, warm.config);
  await pushBlob(connection, place, warm.layer);
  await putManifest(connection, place, 'warm', warm.manifest);
  const rows: Row[] = [];
  const counted = async (what: string, times: number, work: () => Promise<void>): Promise<void> => {
    for (const { lines } of cluster.nodes) lines?.take();
    const before = cluster.nodes.map(({ pid }) => cpuSeconds(pid) ?? NaN);
    const started = performance.now();
    await work();
    const milliseconds = (performance.now() - started) / times;
    const cpu = cluster.nodes.map(({ name, pid }, index) => {
      const used = (((cpuSeconds(pid) ?? NaN) - (before[index] ?? NaN)) / times) * 1000;
      return `${name} ${used.toFixed(1)} ms of CPU`;
    });
    const all = cluster.nodes.map((node) => callsOf(node, times));
    const figures = Object.fromEntries(all.flatMap(({ figures }) => figures));
    const notes = [`${milliseconds.toFixed(1)} ms each`, ...cpu, ...all.flatMap(({ details }) => details), text].join(
      '; ',
    );
    bench.note(`engines-calls: ${what}: ${milliseconds.toFixed(1)} ms`);
    rows.push({ suite: 'engines-calls', measure: what, unit: 'calls each', figures, bars: [], notes });
  };
  for (const [what, work] of works()) {
    await counted(what, TIMES, async () => {
      for (let turn = 0; turn < TIMES; turn++) await work(connection, place, turn);
    });
  }
  // Polls, leases and pull records are in the figures above, too.
  await counted('a second of nothing', IDLE_MILLISECONDS / 1000, async () => {
    await pause(IDLE_MILLISECONDS);
  });
  connection.close();
  return rows;
}

function callsOf(
  { name, lines }: ClusterNode,
  times: number,
): { readonly figures: [string, number[]][]; readonly details: string[] } {
  const figures: [string, number[]][] = [];
  const details: string[] = [];
  for (const [engine, { calls, bytes }] of Object.entries(lines?.take() ?? {})) {
    const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) continue;
    figures.push([`${name} to ${engine}`, [total / times]]);
    const each = [...calls].sort(([, one], [, other]) => other - one);
    const named = each.map(([call, count]) => `${call} ${(count / times).toFixed(2)}`).join(', ');
    details.push(`${name} to ${engine}: ${(bytes / times / 1024).toFixed(1)} KiB, ${named}`);
  }
  return { figures, details };
}
