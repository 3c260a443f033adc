import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
beforeAll(async () => {
  registry = await RegistryProcess.start({ STOP_NOTICE: '5s' });
});
afterAll(() => registry.stop());

const statusOf = async (path: string): Promise<number> => {
  const response = await fetch(`${registry.url}${path}`, { headers: { connection: 'close' } });
  await response.arrayBuffer();
  return response.status;
};

it('takes requests until balancers have had time to notice that it says it takes none', async () => {
  const { child } = registry;
  const ended = once(child, 'exit') as Promise<[number | null]>;
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
