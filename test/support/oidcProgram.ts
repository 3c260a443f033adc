import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type { TokenWish } from './oidcIssuer.js';

// An OpenID Connect issuer in a process of its own: tells its parent where it listens.

type Pair = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicKey: JWK };

let pairs = 0;
async function newPair(): Promise<Pair> {
  const kid = `key-${++pairs}`;
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicKey: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

let published = await newPair();
const unpublished = await newPair();
const asked: string[] = [];

const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answer(request).then(
    ([status, body]) => {
      response.writeHead(status, { 'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    },
    (error: unknown) => {
      response.writeHead(500).end(String(error));
    },
  );
});

const root = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function answer(request: IncomingMessage): Promise<readonly [status: number, body: unknown]> {
  switch (request.url) {
    case '/.well-known/openid-configuration':
      return [200, { issuer: root(), jwks_uri: `${root()}/keys` }];
    case '/other/.well-known/openid-configuration':
      return [200, { issuer: root(), jwks_uri: `${root()}/keys` }];
    case '/elsewhere/.well-known/openid-configuration':
      return [200, { issuer: `${root()}/elsewhere`, jwks_uri: 'http://10.0.0.1/keys' }];
    case '/keys':
      return [200, { keys: [published.publicKey] }];
    case '/sign':
      return [200, await signed(JSON.parse(await text(request)) as TokenWish & { readonly subject: string })];
    case '/rotate':
      published = await newPair();
      return [200, ''];
    case '/asked':
      return [200, asked.filter((path) => path.startsWith('/.well-known/') || path === '/keys')];
    default:
      return [404, 'there is nothing here'];
  }
}

async function signed({ subject, claims = {}, signature = 'published' }: TokenWish & { readonly subject: string }) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: root(), sub: subject, iat: now, exp: now + 300, ...claims };
  const payload: JWTPayload = Object.fromEntries(Object.entries<unknown>(all).filter(([, value]) => value !== null));
  if (signature === 'none') return new UnsecuredJWT(payload).encode();
  if (signature === 'shared-secret') {
    const secret = Buffer.from(JSON.stringify(published.publicKey));
    return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: published.kid }).sign(secret);
  }
  const { kid, privateKey } = signature === 'published' ? published : { ...unpublished, kid: published.kid };
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
