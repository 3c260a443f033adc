import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
const start = async (notice: string): Promise<void> => {
  registry = await RegistryProcess.start({ STOP_NOTICE: notice });
};
afterEach(() => registry.stop());

const statusOf = async (path: string): Promise<number> => {
  const response = await fetch(`${registry.url}${path}`, { headers: { connection: 'close' } });
  await response.arrayBuffer();
  return response.status;
};

it('takes requests until balancers have had time to notice that it says it takes none', async () => {
  await start('5s');
  const { child } = registry;
  const ended = once(child, 'exit') as Promise<[number | null]>;
  // As Ctrl-C does to what npm runs: the terminal signals it, and so does npm.
  child.kill('SIGINT');
  child.kill('SIGTERM');
  let ready = 200;
  while (ready === 200) ready = await statusOf('/health/ready');
  expect(ready).toBe(503);
  expect(await statusOf('/v2/')).toBe(401);
  expect(await statusOf('/health/instance')).toBe(200);
  const [code] = await ended;
  expect(code).toBe(0);
  await expect(statusOf('/v2/')).rejects.toThrow('fetch failed');
});

it('ends at once when it is asked again', async () => {
  await start('10m');
  const { child } = registry;
  const ended = once(child, 'exit') as Promise<[number | null]>;
  while (child.exitCode === null) {
    child.kill('SIGTERM');
    await pause(100);
  }
  expect((await ended)[0]).toBe(1);
  expect(registry.output).toContain('asked to stop again');
});
