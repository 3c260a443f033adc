import { interleaved, type Bench, type Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { Generator } from '../load/generatorProcess.js';
import { MANIFEST_TYPE, pushBlob, putManifest, uniqueImage } from '../load/images.js';
import { twoDigits, type Row } from '../report.js';
import { BenchCluster } from '../servers/cluster.js';
import { cpuSeconds } from '../servers/cpuTime.js';
import { benchEngines, type BenchEngines } from '../servers/engines.js';
import { median, medianRatio } from '../statistics.js';

const CONNECTIONS = 8;
const TAGS = 100;
const REPOSITORY = 'bench/nodes';

/** How many nodes stand behind the balancer. */
type Subject = { readonly name: 'one node' | 'two nodes'; readonly port: number; readonly pid: number };

type Load = {
  readonly what: string;
  readonly unit: string;
  readonly task:
    { readonly kind: 'gets'; readonly path: string; readonly accept: string } | { readonly kind: 'pushes' };
};

/**
 * API throughput of one node and of two behind the same kind of balancer. Where all share few cores, what another node
 * brings is told by the CPU time that a request costs each process, and not by the rate.
 */
export const enginesNodes: Suite = {
  name: 'engines-nodes',
  what: 'requests to one API node and to two behind a balancer, and what they cost each process',
  run: async (bench) => {
    const engines = await benchEngines();
    try {
      const cluster = await BenchCluster.start(bench, { engines, roles: ['projector', 'api', 'api'] });
      try {
        return await measure(bench, cluster, engines);
      } finally {
        await cluster.stop();
      }
    } finally {
      await engines.stop();
    }
  },
};

const LOADS: readonly Load[] = [
  {
    what: 'GET of a manifest by tag',
    unit: 'requests/s',
    task: { kind: 'gets', path: `/v2/${REPOSITORY}/manifests/t0`, accept: MANIFEST_TYPE },
  },
  {
    what: 'GET of a page of 20 tags',
    unit: 'requests/s',
    task: { kind: 'gets', path: `/v2/${REPOSITORY}/tags/list?n=20`, accept: 'application/json' },
  },
  { what: 'small pushes', unit: 'pushes/s', task: { kind: 'pushes' } },
];

async function measure(bench: Bench, cluster: BenchCluster, engines: BenchEngines): Promise<readonly Row[]> {
  const [one] = cluster.apis;
  if (!one) throw new Error('no process has the role api');
  const subjects = new Map<string, Subject>([
    ['one node', { name: 'one node', ...(await cluster.balance([one])) }],
    ['two nodes', { name: 'two nodes', ...(await cluster.balance(cluster.apis)) }],
  ]);
  const place = { repository: REPOSITORY, authorization: await cluster.authorization(REPOSITORY) };
  await fill(one.port, place);
  const generator = new Generator();
  const rows: Row[] = [];
  for (const { what, unit, task } of LOADS) {
    const busy: number[] = [];
    const costs = new Map<string, number[]>();
    const figures = await interleaved(bench, `engines-nodes, ${what}`, subjects, async (subject, round) => {
      const processes = new Map([
        ...cluster.nodes.map(({ name, pid }) => [name, pid] as const),
        ['balancer', subject.pid] as const,
        ...engines.pids,
      ]);
      const before = new Map([...processes].map(([name, pid]) => [name, cpuSeconds(pid) ?? NaN]));
      const at = { port: subject.port, connections: CONNECTIONS, seconds: bench.seconds, ...place };
      const outcome = await generator.run(
        task.kind === 'pushes' ? { ...at, ...task, layerBytes: 1024 } : { ...at, ...task },
      );
      if (round >= 0) busy.push(outcome.busy);
      for (const [name, pid] of processes) {
        const used = ((cpuSeconds(pid) ?? NaN) - (before.get(name) ?? NaN)) / outcome.done;
        const key = `${subject.name}: ${name}`;
        if (round >= 0) costs.set(key, [...(costs.get(key) ?? []), used * 1000]);
      }
      return outcome.done / outcome.seconds;
    });
    const growth = twoDigits(medianRatio(figures['two nodes'] ?? [], figures['one node'] ?? []));
    const shares = [...costs].map(([name, all]) => `${name} ${median(all).toFixed(2)}`);
    const notes = [
      `two nodes to one: ${growth} ×`,
      `the generator was busy ${Math.round(median(busy) * 100)} % of the time`,
      `ms of CPU each, of all threads: ${shares.join(', ')}`,
      engines.text,
    ].join('; ');
    rows.push({ suite: 'engines-nodes', measure: `${what}, ${CONNECTIONS} at a time`, unit, figures, bars: [], notes });
  }
  generator.close();
  return rows;
}

async function fill(port: number, place: { readonly repository: string; readonly authorization: string }) {
  const connection = await Connection.open(port);
  const { config, layer, manifest } = uniqueImage(1024);
  await pushBlob(connection, place, config);
  await pushBlob(connection, place, layer);
  for (let number = 0; number < TAGS; number++) await putManifest(connection, place, `t${number}`, manifest);
  connection.close();
}
