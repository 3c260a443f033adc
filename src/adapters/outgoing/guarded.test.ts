import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DestinationRefused, OutgoingFailed } from '../../ports/outgoing.js';
import { Destinations } from './addresses.js';
import { GuardedHttp } from './guarded.js';

let server: Server;
let port: number;
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const to = (location: string): void => {
      response.writeHead(302, { Location: location }).end();
    };
    switch (request.url) {
      case '/long':
        response.end('x'.repeat(100_000));
        return;
      case '/silent':
        return;
      case '/stalling':
        response.write('x');
        return;
      case '/here':
        to('/there');
        return;
      case '/inside':
        to('http://10.0.0.1/secret');
        return;
      case '/file':
        to('file:///etc/passwd');
        return;
      case '/round':
        to('/round');
        return;
      default:
        response.writeHead(request.url === '/missing' ? 404 : 200).end(`you asked for ${request.url ?? ''}`);
    }
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Names = { readonly [host: string]: readonly string[] };
const asker = (allowed: readonly string[], names: Names = {}) => {
  const resolveAll = (host: string): Promise<LookupAddress[]> => {
    const addresses = names[host];
    if (!addresses) return Promise.reject(new Error(`${host} is not known`));
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  const outgoing = new GuardedHttp({ destinations: new Destinations(allowed), resolveAll });
  return (url: string, limits: { maximumBytes?: number; timeoutMilliseconds?: number } = {}) =>
    outgoing.get({ url, maximumBytes: 1_000, timeoutMilliseconds: 5_000, ...limits });
};
const loopback = ['127.0.0.1'];

describe('a request on a user’s behalf', () => {
  it('reaches what is allowed, by address or by name', async () => {
    const get = asker(loopback, { 'example.com': loopback });
    expect(await get(`http://127.0.0.1:${port}/a`)).toMatchObject({ status: 200 });
    const { status, body } = await get(`http://example.com:${port}/missing`);
    expect([status, body.toString()]).toEqual([404, 'you asked for /missing']);
  });

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost/',
    'http://user:secret@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'no url',
  ])('is not made to %s', async (url) => {
    asked = [];
    await expect(asker([], { localhost: loopback })(url)).rejects.toThrow(DestinationRefused);
    expect(asked).toEqual([]);
  });

  it('is not made to a name that stands for a private address, alone or among others', async () => {
    const get = asker([], { 'one.example.com': ['127.0.0.1'], 'two.example.com': ['93.184.215.14', '::1'] });
    await expect(get(`http://one.example.com:${port}/`)).rejects.toThrow(DestinationRefused);
    await expect(get(`http://two.example.com:${port}/`)).rejects.toThrow(DestinationRefused);
  });

  it('goes to a name that the configuration trusts, whatever address it has', async () => {
    const get = asker(['inside.example.com'], { 'inside.example.com': ['127.0.0.1'] });
    expect(await get(`http://inside.example.com:${port}/a`)).toMatchObject({ status: 200 });
  });

  it('follows redirects, each looked at like the first, and not for ever', async () => {
    const get = asker(loopback);
    expect((await get(`http://127.0.0.1:${port}/here`)).body.toString()).toBe('you asked for /there');
    await expect(get(`http://127.0.0.1:${port}/inside`)).rejects.toThrow(DestinationRefused);
    await expect(get(`http://127.0.0.1:${port}/file`)).rejects.toThrow(DestinationRefused);
    await expect(get(`http://127.0.0.1:${port}/round`)).rejects.toThrow(OutgoingFailed);
  });

  it('waits and reads no longer than it was told to', async () => {
    const get = asker(loopback);
    await expect(get(`http://127.0.0.1:${port}/long`)).rejects.toThrow('longer than 1000 bytes');
    const limits = { timeoutMilliseconds: 100 };
    await expect(get(`http://127.0.0.1:${port}/silent`, limits)).rejects.toThrow(OutgoingFailed);
    await expect(get(`http://127.0.0.1:${port}/stalling`, limits)).rejects.toThrow(OutgoingFailed);
  });

  it('fails where nobody is', async () => {
    await expect(asker([])('http://nowhere.example.com/')).rejects.toThrow(OutgoingFailed);
    await expect(asker([], { 'none.example.com': [] })('http://none.example.com/')).rejects.toThrow(OutgoingFailed);
  });
});
