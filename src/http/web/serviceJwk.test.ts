import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose';
import type { JsonObject } from '../../domain/shared/json.js';
import { bearerToken, isSignedBy, publicJwk } from './serviceJwk.js';

const rsa = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };
const ec = { kty: 'EC', crv: 'P-256', x: 'AQAB', y: 'AQAB' };

describe('a public key', () => {
  it.each([rsa, ec])('has the id that it is handed in under: %j', (jwk) => {
    expect(publicJwk({ ...jwk, kid: 'other' }, 'mine')).toEqual({ ...jwk, kid: 'mine' });
  });

  it('leaves private members behind', () => {
    expect(publicJwk({ ...rsa, d: 'secret', p: 'secret', use: 'sig', alg: 'RS256' }, 'a')).toEqual({
      ...{ ...rsa, use: 'sig', alg: 'RS256', kid: 'a' },
    });
  });

  it.each<unknown>([
    ...[null, 'text', [], {}, { kty: 'oct', k: 'secret' }, { kty: '__proto__' }],
    ...[
      { kty: 'RSA', n: 'AQAB' },
      { ...rsa, n: 7 },
      { ...rsa, n: 'x'.repeat(2_049) },
      { ...rsa, e: '' },
    ],
    ...[{ kty: 'EC', crv: 'P-256', x: 'AQAB' }],
  ])('is not %j', (given) => {
    expect(publicJwk(given, 'a')).toBeUndefined();
  });
});

describe('a token', () => {
  const claims = { service: 'clair', audience: 'http://localhost:8080' };
  const sign = (key: CryptoKey, header: Partial<JWTHeaderParameters> = {}, exp: number | string = '5m') =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', ...header })
      .setIssuer('clair')
      .setAudience('http://localhost:8080')
      .setExpirationTime(exp)
      .sign(key);
  const token = (text: string) => bearerToken(`Bearer ${text}`, 'own') ?? { text: '', signerKid: '' };

  it('tells whose signature it bears', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    expect(token(await sign(privateKey)).signerKid).toBe('own');
    expect(token(await sign(privateKey, { kid: 'other' })).signerKid).toBe('other');
  });

  it.each([undefined, '', 'Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer nothing'])('is not %j', (header) => {
    expect(bearerToken(header, 'own')).toBeUndefined();
  });

  it('is taken from who holds the key, for this registry, for that service, for a time', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = (await exportJWK(publicKey)) as JsonObject;
    const good = token(await sign(privateKey));
    expect(await isSignedBy(good, jwk, claims)).toBe(true);
    expect(await isSignedBy(good, jwk, { ...claims, service: 'other' })).toBe(false);
    expect(await isSignedBy(good, jwk, { ...claims, audience: 'http://other' })).toBe(false);
    expect(await isSignedBy(token(await sign(privateKey, {}, 1)), jwk, claims)).toBe(false);
    const stranger = await generateKeyPair('RS256');
    expect(await isSignedBy(token(await sign(stranger.privateKey)), jwk, claims)).toBe(false);
    const endless = await new SignJWT({ iss: 'clair', aud: claims.audience })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey);
    expect(await isSignedBy(token(endless), jwk, claims)).toBe(false);
    expect(await isSignedBy(good, ec, claims)).toBe(false);
  });
});
