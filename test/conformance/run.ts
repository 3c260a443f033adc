import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster } from '../cluster/cluster.js';
import { clusterEngines } from '../cluster/engines.js';
import { gcsEngine } from '../engines/gcs.js';
import { s3Engine } from '../engines/s3.js';
import { googleStorage, s3Storage } from '../engines/storages.js';
import { PASSWORD, RegistryProcess, type Settings } from '../support/registry.js';
import { toolPath } from '../tools/tools.js';
import { isExpectedToSkip, readJunit, SPECS, SPECS_TO_PASS, type Spec } from './report.js';

// Runs the OCI conformance program against fresh registries (docs/conformance.md). The program calls a run that skipped
// everything a success, so its specs are counted here, and a skip that was not expected is a failure.
// `--on s3`, `--on gcs`: one run with blobs there, which clients fetch from the storage.
// `--on cluster`: one run against processes that share engines; each request goes to another API node.

type Run = {
  readonly title: string;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string>>;
};

const PRIVATE = {};
const PUBLIC = { CREATE_PRIVATE_REPO_ON_PUSH: 'false' };
const MANIFESTS_FIRST = { OCI_DELETE_MANIFEST_BEFORE_BLOBS: '1' };
const BLOBS_FIRST = { OCI_DELETE_MANIFEST_BEFORE_BLOBS: '0' };

const RUNS: readonly Run[] = [
  { title: 'private repositories, manifests deleted first', settings: PRIVATE, environment: MANIFESTS_FIRST },
  { title: 'private repositories, blobs deleted first', settings: PRIVATE, environment: BLOBS_FIRST },
  { title: 'public repositories, manifests deleted first', settings: PUBLIC, environment: MANIFESTS_FIRST },
  { title: 'public repositories, blobs deleted first', settings: PUBLIC, environment: BLOBS_FIRST },
];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A registry that is there for one run. */
type Registry = Pick<RegistryProcess, 'url' | 'stop'> & { createUser(name: string): Promise<void> };

/** What the runs take place on. */
type Place = {
  readonly runs: readonly Run[];
  start(settings: Settings): Promise<Registry>;
  stop(): Promise<void>;
};

const { values } = parseArgs({ options: { on: { type: 'string' } } });

// The program's blobs are tiny: without that the registry would serve them all.
const REDIRECTING = { FEATURE_PROXY_STORAGE: 'false', STORAGE_REDIRECT_LARGER_THAN: '1B' };

function placeCalled(name: string | undefined): Promise<Place> {
  if (name === undefined) return Promise.resolve(alone(RUNS, () => Promise.resolve()));
  if (name === 'cluster') return onCluster();
  return onStorage(name);
}

const alone = (runs: readonly Run[], stop: Place['stop']): Place => ({
  ...{ runs, stop },
  start: (settings) => RegistryProcess.start(settings),
});

/** One process that keeps its blobs in an engine. */
async function onStorage(name: string): Promise<Place> {
  if (name !== 's3' && name !== 'gcs') throw new Error(`--on takes s3, gcs or cluster, not ${name}`);
  const found = name === 's3' ? await s3Engine() : await gcsEngine();
  if (!found) throw new Error(`there is no ${name} server`);
  const path = randomUUID();
  const storage = 'region' in found.settings ? s3Storage(found.settings, path) : googleStorage(found.settings, path);
  const runs = RUNS.slice(0, 1).map(({ title, settings, environment }) => ({
    title: `blobs in ${name}, ${title}`,
    settings: { ...settings, DISTRIBUTED_STORAGE_CONFIG: storage, ...REDIRECTING },
    environment,
  }));
  return alone(runs, () => found.stop());
}

async function onCluster(): Promise<Place> {
  const engines = await clusterEngines();
  if (!engines) throw new Error('there are no engines for a cluster');
  const runs = RUNS.slice(0, 1).map(({ title, ...run }) => ({ title: `two API nodes on engines, ${title}`, ...run }));
  return {
    runs,
    start: (settings) => Cluster.start({ ...engines.settings(), ...settings }),
    stop: () => engines.stop(),
  };
}

async function conform(
  place: Place,
  { settings, environment }: Run,
): Promise<{ readonly specs: readonly Spec[]; readonly output: string }> {
  const reports = await mkdtemp(join(tmpdir(), 'tidemark-conformance-'));
  const registry = await place.start(settings);
  try {
    await registry.createUser('conformance');
    const program = spawn(toolPath('conformance'), ['-ginkgo.no-color'], {
      cwd: reports,
      env: {
        ...{ PATH: process.env['PATH'], HOME: reports, OCI_ROOT_URL: registry.url, OCI_REPORT_DIR: reports },
        ...{ OCI_NAMESPACE: 'conformance/repo1', OCI_CROSSMOUNT_NAMESPACE: 'conformance/repo2' },
        ...{ OCI_USERNAME: 'conformance', OCI_PASSWORD: PASSWORD, OCI_AUTOMATIC_CROSSMOUNT: '1' },
        ...{
          OCI_TEST_PULL: '1',
          OCI_TEST_PUSH: '1',
          OCI_TEST_CONTENT_DISCOVERY: '1',
          OCI_TEST_CONTENT_MANAGEMENT: '1',
        },
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    program.stdout.on('data', (data: Buffer) => (output += data.toString()));
    program.stderr.on('data', (data: Buffer) => (output += data.toString()));
    await once(program, 'close');
    return { specs: readJunit(await readFile(join(reports, 'junit.xml'), 'utf8')), output };
  } finally {
    await registry.stop();
    await rm(reports, { recursive: true, force: true });
  }
}

/** What is wrong with a run, in words. */
function complaints(specs: readonly Spec[]): string[] {
  const found = specs
    .filter(({ status }) => status !== 'passed' && status !== 'skipped')
    .map(({ name }) => `failed: ${name}`);
  for (const { name, status } of specs) {
    if (status === 'skipped' && !isExpectedToSkip(name)) found.push(`skipped, though we can: ${name}`);
  }
  const passed = specs.filter(({ status }) => status === 'passed').length;
  if (specs.length !== SPECS) found.push(`the program has ${specs.length} specs, not ${SPECS}`);
  if (passed !== SPECS_TO_PASS && found.length === 0) found.push(`${passed} specs passed, not ${SPECS_TO_PASS}`);
  return found;
}

const place = await placeCalled(values.on);
let [passed, failed] = [0, 0];
for (const run of place.runs) {
  const { specs, output } = await conform(place, run);
  const found = complaints(specs);
  const passedHere = specs.filter(({ status }) => status === 'passed').length;
  const skippedHere = specs.filter(({ status }) => status === 'skipped').length;
  print(`conformance, ${run.title}: ${passedHere} passed, ${found.length} failed, ${skippedHere} not for us`);
  for (const line of found) print(`  ${line}`);
  if (found.length > 0) print(output);
  passed += passedHere;
  failed += found.length;
}
await place.stop();
print(`conformance: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
