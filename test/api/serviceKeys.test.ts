import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import type { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let admin: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount());
});
afterAll(() => registry.stop());

const KEYS = '/api/v1/superuser/keys';
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const KID = /^[0-9a-f]{64}$/;
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;
const request = (detail: string) => [400, expect.objectContaining({ detail, error_type: 'invalid_request' })];

type Made = { readonly kid: string; readonly public_key: string; readonly private_key: string };
type Key = {
  readonly kid: string;
  readonly metadata: object;
  readonly jwk: { readonly n: string; readonly e: string };
};
const make = async (body: object = {}): Promise<Made> =>
  (await admin.post(KEYS, { service: 'clair', expiration: null, ...body })).json<Made>();
const shown = async (kid: string): Promise<Key> => (await admin.get(`${KEYS}/${kid}`)).json<Key>();

describe('a service key', () => {
  it('is made, shown, changed and deleted by a superuser', async () => {
    const expiration = inAnHour();
    const made = await admin.post(KEYS, {
      ...{ service: 'clair', expiration, name: 'Clair key', notes: 'for the scanner' },
      metadata: { team: 'security' },
    });
    expect(made.both).toEqual([
      200,
      {
        ...{ kid: expect.stringMatching(KID), name: 'Clair key', service: 'clair' },
        public_key: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/),
        private_key: expect.stringMatching(/^-----BEGIN RSA PRIVATE KEY-----\n/),
      },
    ]);
    const { kid, public_key: publicKey, private_key: privateKey } = made.json<Made>();
    const jwk = createPublicKey(publicKey).export({ format: 'jwk' });
    expect(createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' })).toEqual(jwk);
    expect(createPublicKey(publicKey).asymmetricKeyDetails?.modulusLength).toBe(2_048);

    const key = {
      ...{ name: 'Clair key', kid, service: 'clair', jwk: { ...jwk, kid } },
      metadata: {
        ...{ team: 'security', created_by: 'Quay Superuser Panel', creator: 'quayadmin' },
        ip: expect.stringMatching(/127\.0\.0\.1|::1/),
      },
      created_date: expect.stringMatching(HTTP_DATE),
      expiration_date: new Date(expiration * 1000).toUTCString(),
      rotation_duration: null,
      approval: {
        approver: expect.objectContaining({ kind: 'user', username: 'quayadmin', super_user: true }),
        approval_type: 'Super User API',
        approved_date: expect.stringMatching(HTTP_DATE),
        notes: 'for the scanner',
      },
    };
    expect((await admin.get(`${KEYS}/${kid}`)).both).toEqual([200, key]);
    expect((await admin.get(KEYS)).both).toEqual([200, { keys: [key] }]);

    const later = expiration + 60;
    const changed = await admin.put(`${KEYS}/${kid}`, {
      ...{ name: 'Clair/production', metadata: { stage: 'production' }, expiration: later },
    });
    const metadata = { ...key.metadata, stage: 'production' };
    const expiration_date = new Date(later * 1000).toUTCString();
    expect(changed.both).toEqual([200, { ...key, name: 'Clair/production', metadata, expiration_date }]);
    expect((await admin.put(`${KEYS}/${kid}`, { expiration: null })).body).toMatchObject({ expiration_date: null });

    const deleted = await admin.delete(`${KEYS}/${kid}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    for (const answer of [
      await admin.get(`${KEYS}/${kid}`),
      await admin.delete(`${KEYS}/${kid}`),
      await admin.put(`${KEYS}/${kid}`, {}),
      await admin.post(`/api/v1/superuser/approvedkeys/${kid}`),
    ]) {
      expect(answer.both).toEqual([404, expect.objectContaining({ error_type: 'not_found' })]);
    }
  });

  it('may do without a name and an end', async () => {
    const { kid } = await make();
    expect((await admin.get(`${KEYS}/${kid}`)).body).toMatchObject({ name: '', expiration_date: null });
    expect((await admin.get(KEYS)).json<{ keys: Key[] }>().keys.map((key) => key.kid)).toEqual([kid]);
    await admin.delete(`${KEYS}/${kid}`);
  });

  it('is approved once; who approves it again changes nothing', async () => {
    const { kid } = await make({ notes: 'first' });
    const approved = await admin.send('POST', `/api/v1/superuser/approvedkeys/${kid}`);
    expect([approved.status, approved.text]).toEqual([201, '']);
    expect((await admin.post(`/api/v1/superuser/approvedkeys/${kid}`, { notes: 'second' })).status).toBe(201);
    expect((await admin.get(`${KEYS}/${kid}`)).body).toMatchObject({ approval: { notes: 'first' } });
  });

  it.each([
    [{ expiration: null }, "'service' is a required property"],
    [{ service: 'clair' }, "'expiration' is a required property"],
    [{ service: 'clair', expiration: 'soon' }, "'soon' is not of type 'number'"],
    [{ service: 'clair', expiration: null, metadata: [] }, "[] is not of type 'object'"],
    [{ service: 'clair', expiration: null, name: '<b>' }, 'Invalid service key friendly name: <b>'],
    [{ service: 'clair', expiration: 1_000 }, 'Expiration date cannot be in the past'],
    [{ service: 'clair', expiration: 1e15 }, 'Invalid expiration date: 1000000000000000 is out of range'],
  ])('is not made of %j', async (body, detail) => {
    expect((await admin.post(KEYS, body)).both).toEqual(request(detail));
  });

  it('is of a service with a plain name', async () => {
    expect((await admin.post(KEYS, { service: 'Clair!', expiration: null })).both).toEqual([400, { message: '' }]);
  });

  it('is not changed into what it could not be', async () => {
    const { kid } = await make();
    const change = (body: object) => admin.put(`${KEYS}/${kid}`, body);
    expect((await change({ name: '<b>' })).both).toEqual(request('Invalid service key friendly name: <b>'));
    expect((await change({ expiration: 1_000 })).both).toEqual(request('Cannot have an expiration date in the past'));
    expect((await change({ expiration: -1e15 })).both).toEqual(
      request('Invalid expiration date: -1000000000000000 is out of range'),
    );
    expect((await change({ metadata: { note: 'x'.repeat(20_000) } })).both).toEqual([
      400,
      { message: 'The metadata of a service key is too large' },
    ]);
    expect((await shown(kid)).metadata).not.toHaveProperty('note');
  });
});
