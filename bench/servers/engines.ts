import { readdirSync, readFileSync } from 'node:fs';
import { clusterEngines, type ClusterEngines } from '../../test/cluster/engines.js';

export type BenchEngines = ClusterEngines & {
  /** What they are, for the notes of a row: figures of a stand-in are not those of the genuine one. */
  readonly text: string;
  /** Those that run here as processes, by name: of others nobody can tell what they use. */
  readonly pids: ReadonlyMap<string, number>;
};

/** @throws Error if one is not to be had */
export async function benchEngines(): Promise<BenchEngines> {
  const engines = await clusterEngines();
  if (!engines) throw new Error('an engine is not to be had: docs/benchmarks.md says which there must be');
  const pids = enginesHere();
  const log = { given: 'given by address', container: '23.10 in a container', 'stand-in': 'our STAND-IN' };
  const of = (program: string, here: string): string => (pids.has(program) ? here : 'given by address or container');
  const text = [
    `EventStoreDB: ${log[engines.events.kind]}`,
    `MongoDB: ${of('ferretdb', 'FerretDB on SQLite, which proves behaviour and not speed')}`,
    `Kafka: ${of('java', 'one node here')}`,
    `S3: ${of('versitygw', 'versitygw')}`,
  ].join('; ');
  return { ...engines, text, pids };
}

/** Children of this process that are engines, by the name of their program. */
function enginesHere(): Map<string, number> {
  const pids = new Map<string, number>();
  for (const entry of readdirSync('/proc')) {
    const name = /^\d+$/.test(entry) ? childNamed(entry) : undefined;
    if (name !== undefined) pids.set(name, Number(entry));
  }
  return pids;
}

function childNamed(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parent) !== process.pid) return undefined;
    const program = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (['ferretdb', 'versitygw', 'java'].includes(program)) return program;
    const isLog = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('eventstoredb/server.js');
    return isLog ? 'eventstoredb' : undefined;
  } catch {
    // It ended meanwhile, or there is no /proc.
    return undefined;
  }
}
