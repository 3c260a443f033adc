import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseMasterKey } from '../../src/config/types/texts.js';
import { Clients } from '../support/clients.js';
import { contentsOf, Layout } from '../support/layout.js';
import { freePort } from '../support/ports.js';
import { Buildah, type Finished, type ImageConfig } from './buildah.js';
import { packageJson } from './checkout.js';
import { serviceNamed } from './composeFile.js';
import { Ended, until } from './until.js';

const IMAGE = `tidemark:${packageJson.version}`;
const MEBIBYTE = 1024 * 1024;

const buildah = new Buildah();
let clients: Clients;
let config: ImageConfig;
let container: string;
let port: number;
let child: ChildProcess | undefined;
let output = '';

beforeAll(async () => {
  buildah.standIns();
  buildah.build(IMAGE);
  config = buildah.configOf(IMAGE);
  container = buildah.run('from', '--pull-never', IMAGE);
  port = await freePort();
  clients = await Clients.create();
}, 600_000);
afterAll(async () => {
  await stop();
  await clients.remove();
  buildah.remove();
});

const settings = (): string[] => [
  ...['--env', `TIDEMARK_HTTP_PORT=${port}`],
  ...['--env', `TIDEMARK_SERVER_HOSTNAME=localhost:${port}`],
  ...['--env', 'TIDEMARK_LOG_LEVEL=warn'],
];

/** A command in the container, as the user that the image names. */
const inside = (...command: readonly string[]): Finished =>
  buildah.try('run', ...settings(), container, '--', ...command);

const tidemark = (...args: readonly string[]): Finished => inside(...config.Entrypoint, ...args);

/** As `docker run` would. */
async function start(): Promise<void> {
  const started = buildah.start('run', ...settings(), container, '--', ...config.Entrypoint, ...config.Cmd);
  child = started;
  const keep = (data: Buffer): void => {
    output += data.toString();
  };
  started.stdout?.on('data', keep);
  started.stderr?.on('data', keep);
  await until(async () => {
    if (started.exitCode !== null) throw new Ended(output);
    return (await fetch(`http://localhost:${port}/health/ready`)).status === 200;
  });
}

/** As `docker stop` would: the first process of the container gets the signal. @returns with what that process ended */
async function stop(): Promise<number | null> {
  if (!child) return null;
  const ended = once(child, 'exit') as Promise<[number | null]>;
  process.kill(firstInside(child.pid ?? 0), config.StopSignal);
  child = undefined;
  const [code] = await ended;
  return code;
}

/** The last below the processes of the builder; it must be one of the user of the image. */
function firstInside(pid: number): number {
  const [next] = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  if (next !== undefined) return firstInside(Number(next));
  const [, uid] = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  expect(uid).toBe('10001');
  return pid;
}

describe('the image', () => {
  it('says how it is run', () => {
    expect(config).toMatchObject({
      User: '10001:10001',
      Entrypoint: ['tidemark'],
      Cmd: ['serve'],
      StopSignal: 'SIGTERM',
      Healthcheck: { Test: ['CMD', 'tidemark', 'health'] },
    });
    expect(Object.keys(config.ExposedPorts)).toEqual(['8080/tcp']);
    expect(Object.keys(config.Volumes)).toEqual(['/data']);
    expect(config.Env.filter((name) => name.startsWith('TIDEMARK_'))).toEqual([]);
  });

  it('has the Node that the package pins, and a user who owns nothing but the data', () => {
    expect(inside('node', '--version').stdout.trim()).toBe(`v${packageJson.dependencies['node'] ?? ''}`);
    expect(inside('id', '-u').stdout.trim()).toBe('10001');
    const own = inside('find', '/', '-xdev', '-not', '-path', '/proc*', '-uid', '10001');
    expect(own.stdout.trim().split('\n')).toEqual(['/data']);
    const writable = inside('find', '/opt/tidemark', '/usr/local', '-perm', '/022', '-not', '-type', 'l');
    expect(writable.stdout).toBe('');
  });

  it('holds no tests, no compilers and nothing of the checkout beyond the program', () => {
    expect(inside('ls', '/opt/tidemark').stdout.split(/\s+/).filter(Boolean)).toEqual([
      ...['CHANGELOG.md', 'dist', 'node_modules', 'package.json'],
    ]);
    expect(inside('ls', '/opt/tidemark/dist').stdout.trim()).toBe('src');
    const left = inside('find', '/opt/tidemark/dist', '-name', '*.test.js', '-o', '-name', '*.map');
    expect(left.stdout).toBe('');
    for (const name of ['typescript', 'jest', 'node'])
      expect([name, inside('test', '-e', `/opt/tidemark/node_modules/${name}`).code]).toEqual([name, 1]);
  });

  it('is small', () => {
    const kibibytes = inside('du', '-sk', '/opt/tidemark', '/usr/local/bin').stdout.matchAll(/^(\d+)/gm);
    const bytes = [...kibibytes].reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
    process.stderr.write(`the image adds ${(bytes / MEBIBYTE).toFixed(0)} MiB to its base\n`);
    expect(bytes).toBeLessThan(220 * MEBIBYTE);
  });

  it('serves what was pushed to it, says that it is well, and keeps it over a restart', async () => {
    expect(tidemark('health').code).toBe(1);
    await start();
    const health = tidemark(...config.Healthcheck.Test.slice(2));
    expect([health.code, health.stderr]).toEqual([0, '']);
    expect(JSON.parse(health.stdout)).toMatchObject({ status_code: 200 });
    expect(tidemark('health', 'ready').code).toBe(0);
    const made = JSON.parse(tidemark('user', 'create', 'alice', '--json').stdout) as { readonly password: string };
    await clients.login('crane', `localhost:${port}`, 'alice', made.password);
    const pushed = await Layout.create(clients.path('pushed'));
    await pushed.name('v1', await pushed.putImage({ hello: 'from the image\n' }));
    const reference = `localhost:${port}/alice/app:v1`;
    await clients.run('crane', ['push', pushed.folder, reference]);
    expect(await stop()).toBe(0);

    await start();
    await clients.run('crane', ['pull', '--format=oci', reference, clients.path('pulled')]);
    expect(await contentsOf(clients.path('pulled'))).toEqual(await contentsOf(pushed.folder));
    expect(output).toContain('"level":"warn"');
    expect(output).not.toMatch(/"level":"(?:error|fatal)"/);
    expect(await stop()).toBe(0);
  });

  it('makes the master key of the demonstration once, for its user alone', () => {
    const folder = join(buildah.folder, 'master-key');
    mkdirSync(folder);
    const { entrypoint = [], command = [] } = serviceNamed('master-key');
    const make = (): Finished =>
      buildah.try(
        ...['run', '--user', '0:0', '--volume', `${folder}:/run/tidemark`, container, '--'],
        ...[...entrypoint, ...command],
      );
    expect(make()).toEqual({ code: 0, stdout: '', stderr: '' });
    const file = join(folder, 'master.key');
    const key = readFileSync(file, 'utf8');
    expect(parseMasterKey(key)).toHaveLength(32);
    expect([statSync(file).uid, statSync(file).mode & 0o777]).toEqual([10_001, 0o400]);
    expect(make().code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(key);
  });
});
