import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyDestroyed, KeyTaken, type KeptKey, type KeyStore, type KeyTransfer } from '../../ports/keyStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

/** A subject that no other test knows, so that suites can share an engine. */
const newName = (): string => `account:${randomUUID()}`;
const newKey = (name = newName()): Extract<KeptKey, { readonly kind: 'key' }> => ({
  ...{ kind: 'key', name },
  key: Uint8Array.from(randomBytes(32)),
});
const newSecret = (name = newName()): KeptKey => ({ kind: 'secret', name, secret: `-----BEGIN…ä ${randomUUID()}` });
const tombstone = (name: string): KeptKey => ({ kind: 'key', name, key: 'destroyed' });
const never = (): Promise<string> => Promise.reject(new Error('made anew'));

/** What every key store promises to who carries keys into it or out of it. */
export function keyTransferContract(open: () => Promise<Opened<KeyStore & KeyTransfer>>): void {
  const { store, reopen } = storePerTest(open);

  /** What the store gives under these names; the engine may hold others, too. */
  async function given(...names: readonly string[]): Promise<Map<string, KeptKey>> {
    const found = new Map<string, KeptKey>();
    for await (const entry of store().entries()) {
      if (!names.includes(entry.name)) continue;
      expect(found.has(`${entry.kind} ${entry.name}`)).toBe(false);
      const plain = entry.kind === 'key' && entry.key !== 'destroyed' ? { key: Uint8Array.from(entry.key) } : {};
      found.set(`${entry.kind} ${entry.name}`, { ...entry, ...plain });
    }
    return found;
  }

  describe('keys that are carried', () => {
    it('come out as they are: keys, tombstones and secrets, each once, and no others', async () => {
      const [kept, destroyed, name] = [newName(), newName(), newName()];
      const key = Uint8Array.from(await store().ensure(kept));
      await store().ensure(destroyed);
      await store().destroy(destroyed);
      await store().ensureSecret(name, () => Promise.resolve('a secret'));
      expect(await given(kept, destroyed, name, 'probe')).toEqual(
        new Map<string, KeptKey>([
          [`key ${kept}`, { kind: 'key', name: kept, key }],
          [`key ${destroyed}`, tombstone(destroyed)],
          [`secret ${name}`, { kind: 'secret', name, secret: 'a secret' }],
        ]),
      );
    });

    it('are all there, however many there are', async () => {
      const keys = Array.from({ length: 1_203 }, () => newKey());
      await store().take(keys);
      const names = new Set<string>();
      for await (const { name } of store().entries()) names.add(name);
      expect(keys.filter(({ name }) => !names.has(name))).toEqual([]);
    });

    it('go in and serve as if they had been made there, also after a restart', async () => {
      const [key, destroyed, secret] = [newKey(), tombstone(newName()), newSecret()];
      await store().take([key, destroyed, secret]);
      const reopened = await reopen();
      expect(Uint8Array.from(await reopened.ensure(key.name))).toEqual(key.key);
      expect(await reopened.get(destroyed.name)).toBe('destroyed');
      await expect(reopened.ensure(destroyed.name)).rejects.toThrow(KeyDestroyed);
      expect(await reopened.ensureSecret(secret.name, never)).toBe(secret.kind === 'secret' && secret.secret);
    });

    it('can be carried again', async () => {
      const entries = [newKey(), tombstone(newName()), newSecret()];
      await store().take(entries);
      await store().take(entries);
      expect((await given(...entries.map(({ name }) => name))).size).toBe(3);
    });

    it('are destroyed by the tombstone that comes later', async () => {
      const key = newKey();
      await store().take([key]);
      await store().ensure(key.name);
      await store().take([tombstone(key.name)]);
      expect(await store().get(key.name)).toBe('destroyed');
    });

    it('never replace others, and bring no destroyed one back', async () => {
      const [key, destroyed, secret] = [newKey(), newName(), newSecret()];
      await store().take([key, secret]);
      await store().destroy(destroyed);
      await expect(store().take([newKey(key.name)])).rejects.toThrow(KeyTaken);
      await expect(store().take([newKey(destroyed)])).rejects.toThrow(KeyTaken);
      await expect(store().take([newSecret(secret.name)])).rejects.toThrow(KeyTaken);
      expect(Uint8Array.from(await store().ensure(key.name))).toEqual(key.key);
      expect(await store().get(destroyed)).toBe('destroyed');
      expect(await store().ensureSecret(secret.name, never)).toBe(secret.kind === 'secret' && secret.secret);
    });
  });
}
