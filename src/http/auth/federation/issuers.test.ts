import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { OidcIssuer } from '../../../../test/support/oidcIssuer.js';
import { OutgoingFailed, type Outgoing } from '../../../ports/outgoing.js';
import { ForeignTokenInvalid, Issuers } from './issuers.js';

let issuer: OidcIssuer;
let ahead: number;
let away: boolean;
let asked: number;
let issuers: Issuers;

/** Asks as anybody would; where requests may go is tested elsewhere. */
const plain: Outgoing = {
  get: async ({ url }) => {
    asked++;
    if (away) throw new OutgoingFailed('nobody answers');
    const response = await fetch(url);
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  },
};

beforeAll(async () => {
  issuer = await OidcIssuer.start();
});
beforeEach(() => {
  [ahead, away, asked] = [0, false, 0];
  issuers = new Issuers(plain, () => Date.now() + ahead * 1000);
});
afterAll(() => issuer.stop());

const verify = async (): Promise<string | undefined> => {
  const claims = { exp: Math.floor(Date.now() / 1000) + 3600 };
  return (await issuers.verify(issuer.url, await issuer.token('ci', { claims }))).sub;
};

it('keys are asked for once by those who need them at the same time, and again after a while', async () => {
  expect(await Promise.all(Array.from({ length: 10 }, verify))).toEqual(Array.from({ length: 10 }, () => 'ci'));
  expect(asked).toBe(2);
  ahead = 601;
  expect(await verify()).toBe('ci');
  expect(asked).toBe(4);
});

it('keys are asked for at once when a token names a new one, but not all the time', async () => {
  await verify();
  await issuer.rotate();
  await expect(verify()).rejects.toThrow(ForeignTokenInvalid);
  expect(asked).toBe(2);
  ahead = 31;
  expect(await verify()).toBe('ci');
  expect(asked).toBe(4);
  await issuer.rotate();
  await expect(verify()).rejects.toThrow(ForeignTokenInvalid);
  expect(asked).toBe(4);
});

it('an issuer that was away is asked again', async () => {
  away = true;
  await expect(verify()).rejects.toThrow('the issuer does not answer');
  away = false;
  expect(await verify()).toBe('ci');
});
