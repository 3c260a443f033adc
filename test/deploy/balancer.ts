import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports.js';
import { toolPath } from '../tools/tools.js';
import { checkoutText } from './checkout.js';
import { Ended, until } from './until.js';

/** HAProxy on deploy/haproxy.cfg, with other addresses. */
export type Balancer = { readonly port: number; readonly healthUrl: string; stop(): Promise<void> };

/** @param nodes ports of the two API nodes on this machine */
export async function startBalancer(nodes: readonly [number, number]): Promise<Balancer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-balancer-'));
  const file = join(folder, 'haproxy.cfg');
  const [port, healthPort] = [await freePort(), await freePort()];
  const text = checkoutText('deploy/haproxy.cfg')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('bind :8404', `bind 127.0.0.1:${healthPort}`)
    .replaceAll('api-1:8080', `127.0.0.1:${nodes[0]}`)
    .replaceAll('api-2:8080', `127.0.0.1:${nodes[1]}`);
  await writeFile(file, text);
  const checked = spawnSync(toolPath('haproxy'), ['-c', '-f', file], { encoding: 'utf8' });
  if (checked.status !== 0 || /WARNING|ALERT/.test(checked.stderr)) throw new Error(checked.stderr);
  const child = spawn(toolPath('haproxy'), ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const healthUrl = `http://127.0.0.1:${healthPort}/health`;
  await until(async () => {
    if (child.exitCode !== null) throw new Ended(said);
    return (await fetch(healthUrl)).status > 0;
  });
  return {
    ...{ port, healthUrl },
    stop: async () => {
      process.off('exit', kill);
      const ended = once(child, 'exit');
      kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
