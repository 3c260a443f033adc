import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { context, World } from '../../test/support/world.js';
import { ServiceKeyUnknown, SignerRefused } from '../domain/registry/serviceKey/errors.js';
import type { ServiceKeyEvents } from '../domain/registry/serviceKey/events.js';
import type { Approval } from '../domain/registry/serviceKey/serviceKey.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { AccountId } from '../domain/shared/ids.js';
import { plusSeconds } from '../domain/shared/time.js';
import { systemContext } from './context.js';
import { ServiceKeyCommands } from './serviceKeys.js';

const approval: Approval = { approvalType: 'Super User API', approver: 'ada' as AccountId, notes: '' };

describe('service keys', () => {
  let world: World;
  let commands: ServiceKeyCommands;
  beforeEach(async () => {
    world = await World.open();
    const { sealing, clock, ids } = world;
    commands = new ServiceKeyCommands({ streams: world.streams(), sealing, clock, ids });
  });
  afterEach(() => world.close());

  const make = () =>
    commands.make({ service: 'clair', name: 'Clair', metadata: { a: 1 }, expires: null }, approval, context());
  const submit = (kid: string) => {
    const jwk = { kty: 'RSA', n: kid, e: 'AQAB', kid };
    const key = { kid, jwk, service: 'clair', metadata: {}, expires: null, rotationSeconds: null };
    return { key, done: commands.submit(key, { ...systemContext('api', 'test'), ip: '192.0.2.9' }) };
  };
  const types = async () => (await world.log()).map(({ type }) => type);
  const dataOf = ({ data }: RecordedEvent) => data as ServiceKeyEvents['ServiceKeyCreated'];

  it('are made as a pair that belongs together, of which the log has the public half only', async () => {
    const { kid, publicKey, privateKey } = await make();
    expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    const signature = sign('sha256', Buffer.from('text'), createPrivateKey(privateKey));
    expect(verify('sha256', Buffer.from('text'), createPublicKey(publicKey), signature)).toBe(true);

    const [created, approved] = await world.log();
    if (!created) throw new Error('nothing was recorded');
    const { kty, n, e } = createPublicKey(publicKey).export({ format: 'jwk' });
    expect(dataOf(created)).toMatchObject({ kid, jwk: { kty, n, e, kid }, service: 'clair', name: 'Clair' });
    expect(
      Buffer.from(await calculateJwkThumbprint({ kty: 'RSA', n: n ?? '', e: e ?? '' }), 'base64url').toString('hex'),
    ).toBe(kid);
    expect(approved).toMatchObject({ type: 'ServiceKeyApproved', data: { kid, approver: 'ada' } });
    const secret = createPrivateKey(privateKey).export({ format: 'jwk' }).d ?? '';
    expect(JSON.stringify(await world.log())).not.toContain(secret);
  });

  it('keep the address of their maker sealed, with the key of who made them', async () => {
    await make();
    await submit('submitted').done;
    const events = (await world.log()).filter(({ type }) => type === 'ServiceKeyCreated');
    const addresses = events.map(({ id, data }) => ({ ip: (data as ServiceKeyEvents['ServiceKeyCreated']).ip, id }));
    expect(addresses.map(({ ip }) => ip?.subject)).toEqual(['account:ada', 'activity:202606']);
    const opened = addresses.map(({ ip, id }) => (ip ? world.sealing.open(ip, `${id}/ip`) : Promise.resolve(null)));
    expect(await Promise.all(opened)).toEqual(['192.0.2.7', '192.0.2.9']);
    expect(JSON.stringify(events)).not.toMatch(/192\.0\.2/);
  });

  it('wait for approval when somebody submits them, once however often he does', async () => {
    await submit('a').done;
    await submit('a').done;
    expect(await types()).toEqual(['ServiceKeyCreated']);
    await commands.approve('a', approval, context());
    await commands.approve('a', approval, context());
    expect(await types()).toEqual(['ServiceKeyCreated', 'ServiceKeyApproved']);
  });

  it('are replaced by those that they sign for', async () => {
    await submit('a').done;
    const { key } = submit('b');
    await submit('b').done;
    await expect(commands.rotate({ ...key, kid: 'c' }, 'a', context())).rejects.toThrow(SignerRefused);
    await commands.approve('a', approval, context());
    await commands.rotate({ ...key, kid: 'c' }, 'a', context());
    await expect(commands.approve('a', approval, context())).rejects.toThrow(ServiceKeyUnknown);
  });

  it('are purged when their time is over', async () => {
    await submit('a').done;
    await commands.change({ kid: 'a', name: 'A', expires: plusSeconds(world.clock.now(), 10) }, context());
    const ttl = { unapprovedSeconds: 3600, expiredSeconds: 60 };
    await commands.purge(ttl, systemContext('system', 'test'));
    world.clock.pass(70);
    await commands.purge(ttl, systemContext('system', 'test'));
    expect((await types()).slice(1)).toEqual(['ServiceKeyChanged', 'ServiceKeyDeleted']);
    await expect(commands.delete('a', null, context())).rejects.toThrow(ServiceKeyUnknown);
  });
});
