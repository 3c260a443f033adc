import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { contentsOf, Layout } from '../support/layout.js';
import { RegistryProcess } from '../support/registry.js';
import { freshBytes } from '../support/v2client.js';
import { FaultyProxy, type Seen } from '../engines/faultyProxy.js';
import { s3Engine } from '../engines/s3.js';
import { s3Storage } from '../engines/storages.js';

/* Clients that are sent to the storage for what they pull. */

const engine = await s3Engine();

if (engine) {
  describe('clients that fetch blobs from the storage', () => {
    let proxy: FaultyProxy;
    let registry: RegistryProcess;
    let host: string;
    let clients: Clients;
    let layout: string;

    /** Requests for contents that no signature of the registry's came along with: those of clients. */
    const downloads = (): readonly Seen[] =>
      proxy.seen.filter(({ method, url }) => method === 'GET' && url.includes('X-Amz-Signature='));

    beforeAll(async () => {
      proxy = await FaultyProxy.before(new URL(engine.settings.endpoint ?? ''));
      // crane follows to no private address that has no name, and each client sends its credentials to the host it knows.
      const endpoint = `http://localhost:${new URL(proxy.url).port}`;
      const storage = s3Storage({ ...engine.settings, endpoint }, randomUUID());
      registry = await RegistryProcess.start({ DISTRIBUTED_STORAGE_CONFIG: storage, FEATURE_PROXY_STORAGE: 'false' });
      host = `127.0.0.1:${registry.port}`;
      await registry.restart('SIGTERM', { SERVER_HOSTNAME: host });
      await registry.createUser('alice');
      clients = await Clients.create();
      for (const tool of ['skopeo', 'podman', 'crane', 'regctl', 'oras'] as const) {
        await clients.login(tool, host, 'alice');
      }
      layout = clients.path('layout');
      const made = await Layout.create(layout);
      // Cannot be compressed below what the registry serves itself.
      const text = freshBytes(100_000).toString('hex');
      await made.name('v1', await made.putImage({ hello: text.slice(0, 100_000), world: text.slice(100_000) }));
      const http = ['--dest-tls-verify=false'];
      await clients.run('skopeo', ['copy', ...http, `oci:${layout}:v1`, `docker://${reference()}`]);
    });
    beforeEach(() => {
      proxy.seen.length = 0;
    });
    afterAll(async () => {
      await registry.stop();
      await clients.remove();
      await proxy.stop();
      await engine.stop();
    });

    const reference = (name = 'app'): string => `${host}/alice/${name}:v1`;

    /** They came, and said to the storage nothing of who they are to the registry. */
    const expectDownloads = (): void => {
      expect(downloads().length).toBeGreaterThan(0);
      expect(downloads().map(({ headers }) => headers.authorization)).toEqual(downloads().map(() => undefined));
    };

    it('skopeo', async () => {
      const to = await Layout.create(clients.path('skopeo'));
      await clients.run('skopeo', ['copy', '--src-tls-verify=false', `docker://${reference()}`, `oci:${to.folder}:v1`]);
      expect(await contentsOf(to.folder)).toEqual(await contentsOf(layout));
      expectDownloads();
    });

    it('crane', async () => {
      const to = clients.path('crane');
      await clients.run('crane', ['pull', '--format', 'oci', reference(), to]);
      expect(await contentsOf(to)).toEqual(expect.arrayContaining(await contentsOf(layout)));
      expectDownloads();
    });

    it('regctl', async () => {
      const to = clients.path('regctl');
      await clients.run('regctl', ['image', 'copy', reference(), `ocidir://${to}:v1`]);
      expect(await contentsOf(to)).toEqual(expect.arrayContaining(await contentsOf(layout)));
      expectDownloads();
    });

    it('oras', async () => {
      const bytes = freshBytes(300_000);
      await clients.write('file.bin', bytes);
      await clients.run('oras', ['push', '--plain-http', reference('oras'), 'file.bin:application/x-test']);
      proxy.seen.length = 0;
      await clients.run('oras', ['pull', '--plain-http', '-o', clients.path('oras'), reference('oras')]);
      expect((await readFile(clients.path('oras', 'file.bin'))).equals(bytes)).toBe(true);
      expectDownloads();
    });

    it('podman', async () => {
      await clients.run('podman', ['pull', '--tls-verify=false', reference()]);
      expectDownloads();
      await clients.run('podman', ['push', '--tls-verify=false', reference(), reference('again')]);
      expect(await clients.run('crane', ['digest', reference('again')])).toMatch(/^sha256:/);
    });

    it('regctl goes on with a download that broke off in the storage', async () => {
      proxy.plan(({ method, url }) => method === 'GET' && url.includes('X-Amz-Signature='), {
        kind: 'cut',
        afterBytes: 50_000,
      });
      const to = clients.path('broken');
      await clients.run('regctl', ['image', 'copy', reference(), `ocidir://${to}:v1`]);
      expect(await contentsOf(to)).toEqual(expect.arrayContaining(await contentsOf(layout)));
      expect(proxy.happened).toBe(1);
    });
  });
} else {
  it.skip('downloads from the storage: there is no S3 server', () => undefined);
}
