import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { RegistryProcess } from '../support/registry.js';
import { localhost } from '../support/smtpServer.js';

let registry: RegistryProcess | undefined;
afterEach(() => registry?.stop());

it('says what the process that runs here says of itself', async () => {
  registry = await RegistryProcess.start();
  expect(JSON.parse(await registry.run(['health']))).toMatchObject({ status_code: 200 });
  expect(JSON.parse(await registry.run(['health', 'ready']))).toEqual({ ready: true });
});

it('fails when the process is not well, and shows what it says', async () => {
  registry = await RegistryProcess.start({ DISKSPACE_HEALTH_THRESHOLD: '1' });
  await expect(registry.run(['health'])).rejects.toThrow(/ended with 1.*"disk_space":false/);
  expect(JSON.parse(await registry.run(['health', 'ready']))).toEqual({ ready: true });
});

it('fails when nobody answers, naming whom it asked', async () => {
  registry = await RegistryProcess.start();
  await expect(registry.run(['health'], '', { HTTP_PORT: '1' })).rejects.toThrow(
    'ended with 1: 127.0.0.1:1: connect ECONNREFUSED',
  );
  await expect(registry.run(['health'], '', { HTTP_PORT: '0' })).rejects.toThrow('which one it became is not known');
});

it('speaks TLS where the process does, whatever name its certificate is for', async () => {
  registry = await RegistryProcess.start();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-health-'));
  const server = createServer(localhost, (request, response) => response.end(request.url)).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    await writeFile(join(folder, 'ssl.cert'), localhost.cert);
    await writeFile(join(folder, 'ssl.key'), localhost.key);
    const { port } = server.address() as AddressInfo;
    const changes = { CONFIG: folder, PREFERRED_URL_SCHEME: 'https', HTTP_PORT: String(port) };
    expect(await registry.run(['health', 'ready'], '', changes)).toBe('/health/ready\n');
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
