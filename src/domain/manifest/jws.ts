import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../shared/json.js';
import { ManifestUnverified } from './errors.js';
import { isJsonArray } from './members.js';

/** The bytes that were signed, and how they are found in the document: its first `length` bytes and `tail`. */
export type SignedPayload = { readonly payload: Uint8Array; readonly length: number; readonly tail: string };

/** Verifying costs much more than sending: what a client can make us verify is bounded. */
const MAX_SIGNATURES = 16;
const MAX_TAIL = 1_024;
const MAX_PROTECTED = 8_192;
const MAX_RSA_MODULUS = 1_400; // base64url of 8,192 bits, with some room

/** What each algorithm needs of its key (RFC 7518 §3.1). */
const ALGORITHMS: ReadonlyMap<string, { readonly hash: string; readonly curve: string | null }> = new Map([
  ['ES256', { hash: 'sha256', curve: 'P-256' }],
  ['ES384', { hash: 'sha384', curve: 'P-384' }],
  ['ES512', { hash: 'sha512', curve: 'P-521' }],
  ['RS256', { hash: 'sha256', curve: null }],
  ['RS384', { hash: 'sha384', curve: null }],
  ['RS512', { hash: 'sha512', curve: null }],
]);

/**
 * Verifies the signatures of a document in libtrust's "pretty" form: the payload stays legible, and each protected
 * header tells how to cut it out of the document (`formatLength`, `formatTail`). Each signature brings its own key,
 * so they prove that the payload is whole, not who made it.
 *
 * @param signatures the document's member of that name
 * @throws ManifestUnverified
 * @see docker/libtrust docs/specs/signature.md; RFC 7515
 */
export function verifyPrettySignatures(bytes: Uint8Array, signatures: Json): SignedPayload {
  const entries = isJsonArray(signatures) ? signatures : [];
  if (entries.length === 0 || entries.length > MAX_SIGNATURES) {
    throw new ManifestUnverified(`signatures must be a list of 1 to ${MAX_SIGNATURES} signatures`);
  }
  const parts = entries.map(parseSignature);
  const [first] = parts;
  if (first === undefined || parts.some(({ length, tail }) => length !== first.length || tail !== first.tail)) {
    throw new ManifestUnverified('its signatures must all cover the same payload');
  }
  if (first.length > bytes.length) throw new ManifestUnverified('formatLength goes beyond the end of the document');
  const payload = Buffer.concat([bytes.subarray(0, first.length), Buffer.from(first.tail, 'base64url')]);
  const encoded = payload.toString('base64url');
  for (const part of parts) checkSignature(part, encoded);
  return { payload, length: first.length, tail: first.tail };
}

type Signature = {
  readonly algorithm: string;
  readonly key: JsonObject;
  readonly protectedHeader: string;
  readonly signature: Buffer;
  readonly length: number;
  readonly tail: string;
};

function parseSignature(value: Json, index: number): Signature {
  const header = isJsonObject(value) ? value['header'] : undefined;
  const key = isJsonObject(header) ? header['jwk'] : undefined;
  const algorithm = isJsonObject(header) ? header['alg'] : undefined;
  if (!isJsonObject(value) || !isJsonObject(key) || typeof algorithm !== 'string') {
    throw new ManifestUnverified(`signatures[${index}].header needs alg and jwk`);
  }
  const protectedHeader = base64url(value['protected'], `signatures[${index}].protected`, MAX_PROTECTED);
  const signature = base64url(value['signature'], `signatures[${index}].signature`, MAX_PROTECTED);
  const { formatLength, formatTail } = parseProtected(protectedHeader, index);
  if (typeof formatLength !== 'number' || !Number.isSafeInteger(formatLength) || formatLength < 0) {
    throw new ManifestUnverified(`signatures[${index}].protected needs formatLength, a number of bytes`);
  }
  const tail = base64url(formatTail, `formatTail of signatures[${index}]`, MAX_TAIL);
  return {
    algorithm,
    key,
    protectedHeader,
    signature: Buffer.from(signature, 'base64url'),
    length: formatLength,
    tail,
  };
}

function parseProtected(text: string, index: number): JsonObject {
  try {
    const header: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isJsonObject(header)) return header;
  } catch {
    // the refusal below says the same
  }
  throw new ManifestUnverified(`signatures[${index}].protected must be a JSON object in base64url`);
}

function base64url(value: Json | undefined, what: string, longest: number): string {
  if (typeof value !== 'string' || value.length > longest || !/^[A-Za-z0-9_-]+$/.test(value)) {
    throw new ManifestUnverified(`${what} must be base64url without padding, at most ${longest} characters`);
  }
  return value;
}

function checkSignature(part: Signature, payload: string): void {
  const algorithm = ALGORITHMS.get(part.algorithm);
  if (algorithm === undefined) {
    throw new ManifestUnverified(`algorithm ${part.algorithm.slice(0, 20)} is not supported; use ES256 or RS256`);
  }
  const key = publicKeyOf(part.key, algorithm.curve);
  const input = Buffer.from(`${part.protectedHeader}.${payload}`, 'latin1');
  if (!verify(algorithm.hash, input, { key, dsaEncoding: 'ieee-p1363' }, part.signature)) {
    throw new ManifestUnverified('a signature does not fit the document; sign it again after every change');
  }
}

function publicKeyOf(jwk: JsonObject, curve: string | null): KeyObject {
  const { kty, crv, x, y, n, e } = jwk;
  const key =
    curve === null
      ? { kty: 'RSA', n: keyNumber(n), e: keyNumber(e) }
      : { kty: 'EC', crv: curve, x: keyNumber(x), y: keyNumber(y) };
  if (kty !== key.kty || (curve !== null && crv !== curve)) {
    throw new ManifestUnverified('the key in its header does not belong to the algorithm');
  }
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (cause) {
    throw new ManifestUnverified('the key in its header cannot be used', { cause });
  }
}

const keyNumber = (value: Json | undefined): string => base64url(value, 'a number of the key', MAX_RSA_MODULUS);
