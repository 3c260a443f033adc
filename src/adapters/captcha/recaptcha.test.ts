import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Recaptcha } from './recaptcha.js';

describe('reCAPTCHA', () => {
  let server: Server;
  let captcha: Recaptcha;
  let asked: URLSearchParams[] = [];
  let warnings = 0;
  let answer = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        asked.push(new URLSearchParams(body));
        response.end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const log = { warn: () => warnings++ };
    captcha = new Recaptcha({ secret: 'hush', log, url: `http://127.0.0.1:${port}/` });
  });
  afterAll(() => {
    server.close();
  });
  beforeEach(() => {
    [asked, warnings, answer] = [[], 0, '{"success": true}'];
  });

  it('lets people pass', async () => {
    expect(await captcha.passes('solved', '192.0.2.7')).toBe(true);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ secret: 'hush', response: 'solved', remoteip: '192.0.2.7' });
    expect(await captcha.passes('solved', null)).toBe(true);
    expect(asked[1]?.has('remoteip')).toBe(false);
  });

  it('lets nobody pass who did not solve the riddle', async () => {
    answer = '{"success": false, "error-codes": ["invalid-input-response"]}';
    expect(await captcha.passes('guessed', null)).toBe(false);
    asked = [];
    for (const nothing of [undefined, '', 'x'.repeat(8_193)]) expect(await captcha.passes(nothing, null)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('lets nobody pass whom nobody can vouch for, and says so', async () => {
    answer = 'out of order';
    expect(await captcha.passes('solved', null)).toBe(false);
    expect(warnings).toBe(1);
  });
});
