import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everyOf } from '../../src/adapters/blobs/sampleContents.js';
import type { BlobStore } from '../../src/ports/blobStore.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, digestOf, freshBytes, V2Client, type Repository } from '../support/v2client.js';

const KIB = 1024;

/**
 * What clients get that are sent to the storage.
 *
 * @param storage value of DISTRIBUTED_STORAGE_CONFIG
 * @param there the same place, as the store has it
 */
export function redirectContract(name: string, storage: string, there: BlobStore): void {
  describe(`downloads from the storage: ${name}`, () => {
    let registry: RegistryProcess;
    let repository: Repository;
    const bytes = freshBytes(200 * KIB);
    const digest = digestOf(bytes);
    beforeAll(async () => {
      registry = await RegistryProcess.start({
        DISTRIBUTED_STORAGE_CONFIG: storage,
        FEATURE_PROXY_STORAGE: 'false',
      });
      for (const account of ['alice', 'bob']) await registry.createUser(account);
      repository = new V2Client(registry, 'alice').repository('alice/app');
      await repository.pushBlob(bytes);
    });
    afterAll(async () => {
      closeConnections();
      await registry.stop();
    });

    it('sends a client that may read a blob to the storage, which asks nobody who he is', async () => {
      const answer = await repository.get(`blobs/${digest}`);
      expect([answer.status, answer.body.byteLength]).toEqual([307, 0]);
      expect(answer.header('docker-content-digest')).toBe(digest);
      expect(answer.header('accept-ranges')).toBe('bytes');
      expect(answer.header('cache-control')).toBe('no-store');
      const fetched = await fetch(answer.header('location') ?? '');
      expect(fetched.status).toBe(200);
      expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
    });

    it('gives ranges there, and refuses itself what lies outside', async () => {
      const answer = await repository.get(`blobs/${digest}`, { range: 'bytes=100-199' });
      expect(answer.status).toBe(307);
      const part = await fetch(answer.header('location') ?? '', { headers: { range: 'bytes=100-199' } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.byteLength}`);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
      expect((await repository.get(`blobs/${digest}`, { range: `bytes=${bytes.byteLength}-` })).status).toBe(416);
    });

    it('answers HEAD, what is known already and small blobs itself', async () => {
      const head = await repository.head(`blobs/${digest}`);
      expect([head.status, head.header('content-length')]).toEqual([200, String(bytes.byteLength)]);
      expect((await repository.get(`blobs/${digest}`, { 'if-none-match': `"${digest}"` })).status).toBe(304);
      const small = freshBytes(64 * KIB);
      await repository.pushBlob(small);
      const answer = await repository.get(`blobs/${digestOf(small)}`);
      expect([answer.status, answer.body.equals(small)]).toEqual([200, true]);
    });

    it('learns from who asks whether to push it that a blob is not there any more, and takes it again', async () => {
      const lost = freshBytes(300 * KIB);
      const named = await repository.pushBlob(lost);
      for (const key of await everyOf(there.list())) if (key.digest === named) await there.delete(key);
      expect((await repository.head(`blobs/${named}`)).status).toBe(404);
      await repository.pushBlob(lost);
      expect((await repository.head(`blobs/${named}`)).status).toBe(200);
      const fetched = await fetch((await repository.get(`blobs/${named}`)).header('location') ?? '');
      expect(Buffer.from(await fetched.arrayBuffer()).equals(lost)).toBe(true);
    });

    it('tells an address only to those who may read', async () => {
      const nobody = await fetch(`${registry.url}/v2/alice/app/blobs/${digest}`, { redirect: 'manual' });
      expect([nobody.status, nobody.headers.get('location')]).toEqual([401, null]);
      const bob = new V2Client(registry, 'bob');
      const foreign = await bob.repository('alice/app').get(`blobs/${digest}`);
      expect([401, 403]).toContain(foreign.status);
      expect(foreign.header('location')).toBeUndefined();
      // That the bytes lie there does not make them a blob of his.
      const own = bob.repository('bob/app');
      await own.pushBlob(freshBytes(10));
      expect((await own.get(`blobs/${digest}`)).status).toBe(404);
    });

    it('streams through the registry with FEATURE_PROXY_STORAGE', async () => {
      await registry.restart('SIGTERM', { FEATURE_PROXY_STORAGE: 'true' });
      const answer = await repository.get(`blobs/${digest}`);
      expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true]);
      expect(answer.header('docker-content-digest')).toBe(digest);
    });
  });
}
