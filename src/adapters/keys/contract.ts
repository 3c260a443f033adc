import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyDestroyed, type KeyStore } from '../../ports/keyStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

/** A subject that no other test knows, so that suites can share an engine. */
const newSubject = (): string => `account:${randomUUID()}`;

const bytesOf = (key: Uint8Array | 'destroyed' | undefined): readonly number[] | 'destroyed' | undefined =>
  typeof key === 'object' ? Array.from(key) : key;

/** What every key store promises. */
export function keyStoreContract(open: () => Promise<Opened<KeyStore>>): void {
  const { store, reopen } = storePerTest(open);

  describe('a key', () => {
    it('is made when it is first needed, and stays the same', async () => {
      const subject = newSubject();
      expect(await store().get(subject)).toBeUndefined();
      const key = await store().ensure(subject);
      expect(key).toHaveLength(32);
      expect(await store().ensure(subject)).toEqual(key);
      expect(await store().get(subject)).toEqual(key);
    });

    it('is another one for every subject', async () => {
      const keys = await Promise.all(Array.from({ length: 20 }, () => store().ensure(newSubject())));
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(20);
    });

    it('is the same for all who ask for it at once', async () => {
      const subject = newSubject();
      const keys = await Promise.all(Array.from({ length: 20 }, () => store().ensure(subject)));
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    });

    it('survives a restart', async () => {
      const subject = newSubject();
      const key = await store().ensure(subject);
      const reopened = await reopen();
      expect(bytesOf(await reopened.get(subject))).toEqual(bytesOf(key));
      expect(await reopened.ensure(subject)).toHaveLength(32);
    });

    it('does not change when somebody overwrites what he was given', async () => {
      const subject = newSubject();
      const key = await store().ensure(subject);
      const before = bytesOf(key);
      key.fill(0);
      expect(bytesOf(await store().get(subject))).toEqual(before);
    });
  });

  describe('a destroyed key', () => {
    it('is gone for good, also after a restart', async () => {
      const subject = newSubject();
      await store().ensure(subject);
      await store().destroy(subject);
      expect(await store().get(subject)).toBe('destroyed');
      await expect(store().ensure(subject)).rejects.toThrow(KeyDestroyed);
      const reopened = await reopen();
      expect(await reopened.get(subject)).toBe('destroyed');
      await expect(reopened.ensure(subject)).rejects.toThrow(KeyDestroyed);
    });

    it('can be destroyed again, and before it was ever made', async () => {
      const subject = newSubject();
      await store().destroy(subject);
      await store().destroy(subject);
      expect(await store().get(subject)).toBe('destroyed');
      await expect(store().ensure(subject)).rejects.toThrow(KeyDestroyed);
    });

    it('takes no other key with it', async () => {
      const [one, other] = [newSubject(), newSubject()];
      const [, key] = [await store().ensure(one), await store().ensure(other)];
      await store().destroy(one);
      expect(await store().get(other)).toEqual(key);
    });
  });

  describe('a secret', () => {
    it('is made once, and survives a restart', async () => {
      const name = newSubject();
      expect(await store().ensureSecret(name, () => Promise.resolve('-----BEGIN…ä'))).toBe('-----BEGIN…ä');
      expect(await store().ensureSecret(name, () => Promise.reject(new Error('made twice')))).toBe('-----BEGIN…ä');
      expect(await (await reopen()).ensureSecret(name, () => Promise.resolve('another'))).toBe('-----BEGIN…ä');
    });

    it('is the same for all who make it at once', async () => {
      const name = newSubject();
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store().ensureSecret(name, () => Promise.resolve(`secret ${index}`))),
      );
      expect(new Set(made).size).toBe(1);
      expect(await store().ensureSecret(name, () => Promise.resolve('another'))).toBe(made[0]);
    });

    it('is not made when making it fails', async () => {
      const name = newSubject();
      const failing = store().ensureSecret(name, () => Promise.reject(new Error('no entropy')));
      await expect(failing).rejects.toThrow('no entropy');
      expect(await store().ensureSecret(name, () => Promise.resolve('made'))).toBe('made');
    });

    it('is apart from the key of the same name', async () => {
      const name = newSubject();
      await store().ensureSecret(name, () => Promise.resolve('made'));
      expect(await store().get(name)).toBeUndefined();
      await store().destroy(name);
      expect(await store().ensureSecret(name, () => Promise.resolve('another'))).toBe('made');
    });
  });
}
