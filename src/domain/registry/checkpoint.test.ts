import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { testEventId, testKey } from '../../../test/support/testLog.js';
import { checkpointHash, CheckpointInvalid, checkpointText, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { signedText, signingKey, SigningKeyInvalid, verifyingKey } from './signing.js';

const key = testKey(1);
const checkpoint = signCheckpoint(
  { number: 3, size: 40, root: 'ab'.repeat(32), lastEvent: testEventId(40), previous: 'cd'.repeat(32) },
  key,
);

describe('a checkpoint', () => {
  it('signs the canonical JSON of all members but the signature', () => {
    const text =
      `{"keyId":"${key.keyId}","lastEvent":"${testEventId(40)}","number":3,` +
      `"previous":"${'cd'.repeat(32)}","root":"${'ab'.repeat(32)}","size":40}`;
    expect(signedText(checkpoint)).toBe(text);
    expect(checkpointHash(checkpoint)).toBe(createHash('sha256').update(text).digest('hex'));
    expect(verifyingKey(key.publicKey).verify(text, checkpoint.signature)).toBe(true);
    expect(verifyingKey(key.publicKey).verify(text.replace('"size":40', '"size":41'), checkpoint.signature)).toBe(
      false,
    );
    expect(verifyingKey(testKey(2).publicKey).verify(text, checkpoint.signature)).toBe(false);
  });

  it('can be kept as text and read again', () => {
    expect(parseCheckpoint(`${checkpointText(checkpoint)}\n`)).toEqual(checkpoint);
  });

  it.each([
    ['no JSON', '{"number":3'],
    ['no object', '[]'],
    ['a member too few', JSON.stringify({ ...checkpoint, root: undefined })],
    ['a member too many', JSON.stringify({ ...checkpoint, more: 1 })],
    ['a number below one', JSON.stringify({ ...checkpoint, number: 0 })],
    ['a size that is not whole', JSON.stringify({ ...checkpoint, size: 1.5 })],
    ['a root that is no hash', JSON.stringify({ ...checkpoint, root: 'AB'.repeat(32) })],
  ])('is not read from %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(CheckpointInvalid);
  });
});

describe('a signing key', () => {
  it('has an id that both halves agree on', () => {
    expect(verifyingKey(key.publicKey).keyId).toBe(key.keyId);
  });

  it('knows one spelling of a signature', () => {
    const signature = key.sign('text');
    const { verify } = verifyingKey(key.publicKey);
    expect(verify('text', signature)).toBe(true);
    expect(verify('text', `${signature}==`)).toBe(false);
    expect(verify('text', '')).toBe(false);
  });

  it('is Ed25519 and nothing else', () => {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    expect(() => signingKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(SigningKeyInvalid);
    expect(() => verifyingKey(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow(SigningKeyInvalid);
    expect(() => signingKey('secret')).toThrow(SigningKeyInvalid);
  });
});
