import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../shared/canonicalJson.js';
import { DomainError } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import type { RegistryEvents } from './events.js';

/** A private key that signs checkpoints, and its public half. */
export type SigningKey = {
  readonly keyId: string;
  /** SubjectPublicKeyInfo in PEM, as it is announced. */
  readonly publicKey: string;
  /** Ed25519 (RFC 8032), base64url. The same text gives the same signature. */
  readonly sign: (text: string) => string;
};

export type VerifyingKey = {
  readonly keyId: string;
  readonly verify: (text: string, signature: string) => boolean;
};

export type KeyAnnouncement = RegistryEvents['SigningKeyAnnounced'];

export class SigningKeyInvalid extends DomainError {
  readonly code = 'signing-key-invalid';
  constructor(options?: ErrorOptions) {
    super('this is not an Ed25519 key in PEM', {}, options);
  }
}

const BYTES = 64;

/** @param pem PKCS #8. @throws SigningKeyInvalid */
export function signingKey(pem: string): SigningKey {
  const key = ed25519(() => createPrivateKey(pem));
  const publicKey = createPublicKey(key);
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}

/** @param pem SubjectPublicKeyInfo. @throws SigningKeyInvalid */
export function verifyingKey(pem: string): VerifyingKey {
  const key = ed25519(() => createPublicKey(pem));
  return {
    keyId: keyIdOf(key),
    verify: (text, signature) => {
      const bytes = Buffer.from(signature, 'base64url');
      // Decoding is lenient; one signature shall have one spelling, or its event could be told in two ways.
      if (bytes.length !== BYTES || bytes.toString('base64url') !== signature) return false;
      return verify(null, Buffer.from(text), key, bytes);
    },
  };
}

/** What is signed: the canonical JSON (RFC 8785) of all members but the signature. */
export const signedText = (signed: JsonObject): string => canonicalJson({ ...signed, signature: undefined });

/** @param by the key that signed until now; the first key announces itself */
export function announceKey(key: SigningKey, by: SigningKey): KeyAnnouncement {
  const announced = { keyId: key.keyId, publicKey: key.publicKey, signedBy: by.keyId };
  return { ...announced, signature: by.sign(signedText(announced)) };
}

function ed25519(parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (cause) {
    throw new SigningKeyInvalid({ cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new SigningKeyInvalid();
  return key;
}

const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
