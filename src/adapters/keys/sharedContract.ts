import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyDestroyed, type KeyStore } from '../../ports/keyStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');

/** What a key store promises that several processes use at once, each by one of these stores. */
export function sharedKeyStoreContract(open: () => Promise<Opened<readonly [KeyStore, KeyStore]>>): void {
  const { store: stores } = storePerTest(open);
  const one = (n: number): KeyStore => stores()[n % 2 === 0 ? 0 : 1];

  describe('keys of several processes', () => {
    it('are the same for all who ask for one at once', async () => {
      for (let round = 0; round < 5; round++) {
        const subject = `account:${randomUUID()}`;
        const keys = await Promise.all(Array.from({ length: 20 }, (_, n) => one(n).ensure(subject)));
        expect(new Set(keys.map(hex)).size).toBe(1);
        expect(await stores()[1].get(subject)).toEqual(keys[0]);
      }
    });

    it('and secrets, too', async () => {
      const name = randomUUID();
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, n) => one(n).ensureSecret(name, () => Promise.resolve(`secret ${n}`))),
      );
      expect(new Set(made).size).toBe(1);
      expect(await stores()[1].ensureSecret(name, () => Promise.reject(new Error('made twice')))).toBe(made[0]);
    });

    it('are opened with by nobody any more as soon as one has destroyed them', async () => {
      const subject = `account:${randomUUID()}`;
      await stores()[0].ensure(subject);
      await stores()[1].ensure(subject);
      expect(await stores()[1].get(subject)).toHaveLength(32);
      await stores()[0].destroy(subject);
      expect(await stores()[1].get(subject)).toBe('destroyed');
      await expect(stores()[0].ensure(subject)).rejects.toThrow(KeyDestroyed);
    });

    it('are made or destroyed, and never made again, when both happen at once', async () => {
      for (let round = 0; round < 5; round++) {
        const subject = `account:${randomUUID()}`;
        await Promise.allSettled([
          ...Array.from({ length: 5 }, (_, n) => one(n).ensure(subject)),
          stores()[0].destroy(subject),
          ...Array.from({ length: 5 }, (_, n) => one(n).ensure(subject)),
        ]);
        expect(await stores()[0].get(subject)).toBe('destroyed');
        expect(await stores()[1].get(subject)).toBe('destroyed');
      }
    });
  });
}
