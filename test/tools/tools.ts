import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type ToolName =
  | 'crane'
  | 'regctl'
  | 'oras'
  | 'helm'
  | 'notation'
  | 'cosign'
  | 'skopeo'
  | 'podman'
  | 'buildah'
  | 'distribution'
  | 'docker-registry'
  | 'wrk'
  | 'fake-gcs-server'
  | 'versitygw'
  | 'toxiproxy'
  | 'ferretdb'
  | 'kafka'
  | 'compose'
  | 'haproxy'
  | 'debian-rootfs'
  | 'conformance'
  | 'schemathesis';

/** The script stays in the checkout, while this module runs from `dist/test/tools`. */
const script = fileURLToPath(new URL('../../../test/tools/install', import.meta.url));

/**
 * Absolute path of a program's binary. Installs nothing.
 *
 * A program with a lock file counts only as locked: another version on PATH could behave differently.
 *
 * @throws Error naming the command that installs the program, if it is not there
 */
export function toolPath(name: ToolName): string {
  const path = find(name);
  if (path === undefined) throw new Error(`${name} is not installed: run test/tools/install ${name}`);
  return path;
}

/** Whether the program is there, for tests that are skipped without it. */
export function hasTool(name: ToolName): boolean {
  return find(name) !== undefined;
}

const found = new Map<ToolName, string>();

function find(name: ToolName): string | undefined {
  const known = found.get(name);
  if (known !== undefined) return known;

  const { status, stdout, stderr, error } = spawnSync(script, ['--path', name], { encoding: 'utf8' });
  if (status === 1) return undefined;
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`, { cause: error });
  const path = stdout.trimEnd();
  found.set(name, path);
  return path;
}
