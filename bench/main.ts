import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Bench, Suite } from './bench.js';
import { reportText, type Row } from './report.js';
import { append } from './suites/append.js';
import { blobs } from './suites/blobs.js';
import { enginesAppend } from './suites/enginesAppend.js';
import { enginesCalls } from './suites/enginesCalls.js';
import { enginesLag } from './suites/enginesLag.js';
import { enginesNodes } from './suites/enginesNodes.js';
import { enginesProjection } from './suites/enginesProjection.js';
import { lag } from './suites/lag.js';
import { manifestGet } from './suites/manifestGet.js';
import { memory } from './suites/memory.js';
import { objectMemory } from './suites/objectMemory.js';
import { repositoryList } from './suites/repositoryList.js';
import { rebuild } from './suites/rebuild.js';
import { smallPush } from './suites/smallPush.js';
import { tagList } from './suites/tagList.js';
import { tagPages } from './suites/tagPages.js';

const suites: readonly Suite[] = [
  manifestGet,
  smallPush,
  blobs,
  tagList,
  tagPages,
  repositoryList,
  rebuild,
  memory,
  objectMemory,
  lag,
  append,
  enginesAppend,
  enginesCalls,
  enginesLag,
  enginesNodes,
  enginesProjection,
];

type Options = {
  readonly rounds: string;
  readonly seconds: string;
  readonly folder: string;
  readonly json?: string;
  readonly profile?: string;
};

const program = new Command('bench')
  .description('Measures this registry beside others on the same machine, in alternating rounds (docs/benchmarks.md).')
  .argument('[suites...]', suites.map(({ name, what }) => `${name}: ${what}`).join('; '))
  .option('--rounds <number>', 'rounds of each measurement', '7')
  .option('--seconds <number>', 'load on one server in one round', '3')
  .option('--folder <path>', 'where data folders are made: the disk that is measured', tmpdir())
  .option('--json <file>', 'write the rows to a file, - for the standard output, in place of the table')
  .option('--profile <folder>', 'take CPU profiles of our server; they slow it down')
  .action(run);

async function run(names: readonly string[], { rounds, seconds, folder, json, profile }: Options): Promise<void> {
  const chosen = names.length === 0 ? suites : names.map(suiteNamed);
  const scratch = await mkdtemp(join(folder, 'tidemark-bench-'));
  let folders = 0;
  const bench: Bench = {
    rounds: Number(rounds),
    seconds: Number(seconds),
    profiles: profile,
    folder: async (name) => {
      const path = join(scratch, `${folders++}-${name}`);
      await mkdir(path);
      return path;
    },
    note: (text) => process.stderr.write(`${text}\n`),
  };
  const rows: Row[] = [];
  try {
    for (const suite of chosen) rows.push(...(await suite.run(bench)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await tell(rows, json);
}

function suiteNamed(name: string): Suite {
  const suite = suites.find((candidate) => candidate.name === name);
  if (!suite) throw new Error(`there is no suite ${name}; there are ${suites.map((known) => known.name).join(', ')}`);
  return suite;
}

async function tell(rows: readonly Row[], json: string | undefined): Promise<void> {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    load: loadavg()[0],
  };
  const text = JSON.stringify({ machine, rows }, null, 2);
  if (json === '-') process.stdout.write(`${text}\n`);
  else process.stdout.write(`${machine.cores} × ${machine.cpu}, Node ${machine.node}\n\n${reportText(rows)}`);
  if (json !== undefined && json !== '-') await writeFile(json, `${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
