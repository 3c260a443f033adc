import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Acme, type People } from '../support/acme.js';
import type { ApiClient } from '../support/apiClient.js';
import { PASSWORD, type Settings } from '../support/registry.js';
import { toolPath } from '../tools/tools.js';
import { documentFor, type Document } from './documents.js';

// Lets schemathesis make up requests for every operation of the OpenAPI document that the registry serves. No answer may
// be a server's error, have a status or a content type that the document does not know, or a body that is not as it says.

type Run = {
  readonly title: string;
  readonly who: keyof People;
  /** Whether paths name what there is; otherwise their parts are made up, too. */
  readonly inAcme: boolean;
  readonly settings?: Settings;
  readonly isCalled: (operation: string, method: string, path: string) => boolean;
  /** A new password does. */
  readonly endsSession?: true;
};

/** These end or change the session or the account of who calls them, or end the registry. */
const FINAL: ReadonlySet<string> = new Set([
  ...['logout', 'deleteCurrentUser', 'convertUserToOrganization', 'changeUserDetails', 'scShutdownContainer'],
  ...['createNewUser', 'signinUser'],
]);
const ORGANIZATION = 'deleteAdminedOrganization';
/** Without these, others have nothing to take away. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['deleteRepository', 'deleteOrganizationTeam', 'deleteOrgRobot', 'deleteOrganizationApplication'],
  ...['deleteFullTag', 'removeOrganizationMember'],
]);

const RUNS: readonly Run[] = [
  {
    ...{ title: 'nobody, anything', who: 'anonymous', inAcme: false },
    // What is made up for a part of a path below a repository may make it another repository's.
    isCalled: (operation, _method, path) => operation !== 'scShutdownContainer' && !path.includes('{repository}'),
  },
  {
    ...{ title: "an organization's owner, in it", who: 'owner', inAcme: true },
    isCalled: (operation, method) => !FINAL.has(operation) && method !== 'delete',
  },
  {
    ...{ title: 'a superuser, on the instance', who: 'superuser', inAcme: true },
    settings: {
      FEATURE_SUPERUSERS_FULL_ACCESS: 'true',
      FEATURE_SUPERUSER_CONFIGDUMP: 'true',
      FEATURE_MAILING: 'false',
    },
    isCalled: (operation, method, path) =>
      !FINAL.has(operation) && method !== 'delete' && !path.includes('{repository}'),
  },
  {
    ...{ title: "an organization's owner, taking away", who: 'owner', inAcme: true },
    isCalled: (operation, method) =>
      method === 'delete' && !FINAL.has(operation) && !WHOLE.has(operation) && operation !== ORGANIZATION,
  },
  {
    ...{ title: "an organization's owner, taking everything away", who: 'owner', inAcme: true },
    isCalled: (operation) => WHOLE.has(operation),
  },
  {
    ...{ title: 'a superuser, taking away', who: 'superuser', inAcme: true },
    isCalled: (_operation, method, path) => method === 'delete' && path.includes('/superuser/'),
  },
  {
    ...{ title: 'somebody, with his account', who: 'stranger', inAcme: false },
    isCalled: (operation) => operation === 'changeUserDetails',
    endsSession: true,
  },
];

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** What was left out of the document must not be called as a method that its path might not know. */
const SETTINGS = '[phases.coverage]\nunexpected-methods = ["PATCH", "TRACE"]\n';
const EXAMPLES = { username: 'newcomer', password: PASSWORD, email: 'newcomer@example.org', name: 'novelty' };
const MOST_EXAMPLES = 30;
const SEED = 20_260_821;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

type Report = {
  readonly operations: { readonly tested: number; readonly total: number };
  readonly test_cases: { readonly generated: number; readonly unique_failures: number };
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly errors: readonly { readonly title: string }[];
};

const valuesIn = ({ ids }: Acme): { readonly [parameter: string]: string } => ({
  ...{ orgname: 'acme', teamname: 'readers', repository: 'acme/app', tag: 'v1', manifestref: ids.digest },
  ...{ robot_shortname: 'ci', client_id: ids.clientId, labelid: ids.label, prototypeid: ids.prototype },
  ...{ membername: 'mia', username: 'rita', namespace: 'acme', kid: ids.serviceKey, token_uuid: ids.applicationToken },
  error_type: 'not_found',
});

async function probe(run: Run): Promise<{ readonly report: Report; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-schemathesis-'));
  const acme = await Acme.open(run.settings);
  try {
    const client = acme.people[run.who];
    const served = (await client.get('/api/v1/openapi.json')).json<Document>();
    const document = documentFor(
      served,
      { values: run.inAcme ? valuesIn(acme) : {}, examples: EXAMPLES },
      run.isCalled,
    );
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(document));
    await writeFile(join(folder, 'schemathesis.toml'), SETTINGS);
    const headers = Object.entries(await client.identification()).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`,
    ]);
    const program = spawn(
      toolPath('schemathesis'),
      [
        ...[
          '--config-file',
          'schemathesis.toml',
          'run',
          'openapi.json',
          '--url',
          acme.registry.url,
          ...headers,
          '--no-color',
          '--warnings',
          'off',
        ],
        ...[
          '--checks',
          CHECKS.join(','),
          '--phases',
          'examples,coverage,fuzzing',
          '--max-examples',
          String(MOST_EXAMPLES),
        ],
        ...['--seed', String(SEED), '--workers', '1', '--generation-database', 'none', '--no-shrink'],
        ...['--generation-with-security-parameters', 'false', '--suppress-health-check', 'all'],
        ...['--continue-on-failure', '--max-redirects', '0', '--request-timeout', '30'],
        ...['--report', 'json', '--report-json-path', 'report.json'],
      ],
      { cwd: folder, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    program.stdout.on('data', (data: Buffer) => (output += data.toString()));
    program.stderr.on('data', (data: Buffer) => (output += data.toString()));
    await once(program, 'close');
    if (!run.endsSession) await expectSignedIn(run.who, client);
    const text = await readFile(join(folder, 'report.json'), 'utf8').catch(() => {
      throw new Error(`schemathesis wrote no report:\n${output}`);
    });
    return { report: JSON.parse(text) as Report, output };
  } finally {
    await acme.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Who lost his session on the way was refused everything since, which proves nothing. */
async function expectSignedIn(who: keyof People, client: ApiClient): Promise<void> {
  const { status } = await client.get('/api/v1/user/');
  if (status !== (who === 'anonymous' ? 401 : 200)) throw new Error(`the session of the ${who} did not last`);
}

let [passed, failed] = [0, 0];
for (const run of RUNS) {
  const { report, output } = await probe(run);
  const { operations, test_cases: cases, failures, errors } = report;
  const bad = new Set(failures.flatMap((failure) => failure.operations)).size;
  const missing = operations.total - operations.tested;
  const unsound = bad + missing + errors.length;
  print(
    `schemathesis, ${run.title}: ${operations.tested - bad} operations sound, ${unsound} not, in ${cases.generated} calls`,
  );
  if (unsound > 0) print(output);
  passed += operations.tested - bad;
  failed += unsound;
}
print(`schemathesis: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
