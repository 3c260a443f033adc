import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JsonObject } from '../shared/json.js';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from './mediaTypes.js';

/** Documents for tests: small, valid, and changed by what the test is about. */

export const bytesOf = (document: unknown): Uint8Array => Buffer.from(JSON.stringify(document));

/** A digest that is told apart from others by one hex digit. */
export const digestFor = (digit: string, algorithm: 'sha256' | 'sha512' = 'sha256'): string =>
  `${algorithm}:${digit.repeat(algorithm === 'sha256' ? 64 : 128)}`;

export const CONFIG: JsonObject = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: digestFor('c'),
  size: 7_023,
};

export const LAYER: JsonObject = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: digestFor('1'),
  size: 32_654,
};

export const CHILD: JsonObject = { mediaType: OCI_MANIFEST, digest: digestFor('d'), size: 1_024 };

export const ociManifest = (changes: JsonObject = {}): JsonObject => ({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: CONFIG,
  layers: [LAYER],
  ...changes,
});

export const ociIndex = (changes: JsonObject = {}): JsonObject => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [CHILD],
  ...changes,
});

export const dockerManifest = (changes: JsonObject = {}): JsonObject => ({
  schemaVersion: 2,
  mediaType: DOCKER_MANIFEST,
  config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: digestFor('c'), size: 7_023 },
  layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: digestFor('1'), size: 32_654 }],
  ...changes,
});

export const dockerList = (changes: JsonObject = {}): JsonObject => ({
  schemaVersion: 2,
  mediaType: DOCKER_LIST,
  manifests: [{ ...CHILD, mediaType: DOCKER_MANIFEST, platform: { architecture: 'amd64', os: 'linux' } }],
  ...changes,
});

/** Leaf first, as schema 1 has it; the leaf bears a label. */
export const schema1 = (changes: JsonObject = {}): JsonObject => ({
  schemaVersion: 1,
  name: 'org/app',
  tag: 'latest',
  architecture: 'amd64',
  fsLayers: [{ blobSum: digestFor('2') }, { blobSum: digestFor('1') }],
  history: [
    { v1Compatibility: JSON.stringify({ id: 'leaf', config: { Labels: { maintainer: 'someone' } } }) },
    { v1Compatibility: JSON.stringify({ id: 'base' }) },
  ],
  ...changes,
});

export type SigningKey = { readonly algorithm: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export const ecKey = (): SigningKey => ({ algorithm: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) });
export const rsaKey = (): SigningKey => ({
  algorithm: 'RS256',
  ...generateKeyPairSync('rsa', { modulusLength: 2_048 }),
});

/**
 * Signs a document as libtrust does: the payload is indented JSON, and the signatures stand inside its closing brace.
 *
 * @returns the document as a client would push it, and the payload that its digest is of
 */
export function signSchema1(
  document: JsonObject,
  keys: readonly SigningKey[],
): { readonly signed: Uint8Array; readonly payload: Uint8Array } {
  const payload = Buffer.from(JSON.stringify(document, null, 3));
  const tail = '\n}';
  const formatLength = payload.length - tail.length;
  const signatures = keys.map((key) => signatureOf(payload, { formatLength, formatTail: base64url(tail) }, key));
  const block = `,\n   "signatures": ${JSON.stringify(signatures, null, 3)}\n}`;
  return { signed: Buffer.concat([payload.subarray(0, formatLength), Buffer.from(block)]), payload };
}

/** One entry of `signatures`. */
export function signatureOf(payload: Uint8Array, format: JsonObject, key: SigningKey): JsonObject {
  const header = base64url(JSON.stringify({ ...format, time: '2015-06-01T12:00:00Z' }));
  const input = Buffer.from(`${header}.${base64url(payload)}`);
  const signature = sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  const { kty, crv, x, y, n, e } = key.publicKey.export({ format: 'jwk' });
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid: 'TEST:KEY' })) as JsonObject;
  return { header: { jwk, alg: key.algorithm }, signature: base64url(signature), protected: header };
}

const base64url = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url');
