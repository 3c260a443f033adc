import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { Clients } from '../support/clients.js';
import { contentsOf, Layout } from '../support/layout.js';
import { Demonstration, type Member } from './demonstration.js';
import { until } from './until.js';

let demonstration: Demonstration;
let clients: Clients;
let host: string;

beforeAll(async () => {
  demonstration = await Demonstration.start();
  host = `localhost:${demonstration.balancer.port}`;
  clients = await Clients.create();
  for (const member of demonstration.members) member.start();
  for (const member of demonstration.members) await member.healthy();
}, 600_000);
afterAll(async () => {
  await demonstration.stop();
  await clients.remove();
});

const reference = (name: string): string => `${host}/admin/${name}:v1`;

/** Pushed through the balancer, and pulled again. */
async function carried(name: string): Promise<void> {
  const pushed = await Layout.create(clients.path(name));
  await pushed.name('v1', await pushed.putImage({ hello: `${name}\n` }));
  await clients.run('crane', ['push', pushed.folder, reference(name)]);
  await clients.run('crane', ['pull', '--format=oci', reference(name), clients.path('pulled', name)]);
  expect(await contentsOf(clients.path('pulled', name))).toEqual(await contentsOf(pushed.folder));
}

const active = (): Member | undefined =>
  demonstration.members.find(({ name, running, said }) => {
    return name.startsWith('projector') && running && said.includes('this process feeds the read models now');
  });

describe('the demonstration', () => {
  it('has its first administrator from the command of the documentation, and carries an image', async () => {
    const made = demonstration.member('api-1').run('user', 'create', 'admin', '--superuser', '--json');
    const { password } = JSON.parse(made) as { readonly password: string };
    await until(async () => (await fetch(demonstration.balancer.healthUrl)).status === 200);
    await clients.login('crane', host, 'admin', password);
    await carried('first');
  });

  it('tells others on Kafka', async () => {
    const kafka = new Kafka({ brokers: [...demonstration.brokers], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: 'others' });
    const types = new Set<string>();
    await consumer.connect();
    await consumer.subscribe({ topic: 'tidemark.repository', fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        types.add(String(message.headers?.['ce_type']));
        return Promise.resolve();
      },
    });
    await until(() => types.has('ManifestPushed') && types.has('TagMoved'));
    await consumer.disconnect();
  });

  it('goes on while an API node is restarted', async () => {
    const node = demonstration.member('api-1');
    const ending = node.end('SIGTERM');
    await carried('while-one-stops');
    expect(await ending).toBe(0);
    await carried('with-one');
    node.start();
    await node.healthy();
  });

  it('goes on when the process that feeds the read models is killed', async () => {
    const feeder = active();
    await feeder?.end('SIGKILL');
    await until(() => {
      const next = active();
      return next !== undefined && next !== feeder;
    });
    await carried('after-the-feeder');
    feeder?.start();
    await feeder?.healthy();
  });
});
