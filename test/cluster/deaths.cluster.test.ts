import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { ApiClient } from '../support/apiClient.js';
import type { RegistryProcess } from '../support/registry.js';
import { expectStatus, freshBytes } from '../support/v2client.js';
import { say } from './latency.js';
import { Load } from './load.js';
import { runningCluster } from './running.js';
import { heard, logOf, publishedBy } from './topics.js';

const running = await runningCluster({ FEATURE_PROXY_STORAGE: 'true' });

const PATIENCE_MILLISECONDS = 120_000;
const SLEEP_MILLISECONDS = 8_000;

(running ? describe : describe.skip)('a process that dies under load', () => {
  if (!running) return;
  let mongo: MongoClient;
  const client = () => running.anywhere('alice');
  let loads = 0;
  const begin = (): Load => {
    const load = loads++;
    return new Load(
      [1, 2, 3].map((number) => client().repository(`alice/app${number}`)),
      `load${load}-`,
    );
  };
  /** Of those that could do something, the one that does it. */
  const active = (nodes: readonly RegistryProcess[], collection: string): Promise<RegistryProcess> =>
    eventually(`somebody holds ${collection}`, async () => {
      const record = await operational()
        .collection('leases')
        .findOne({ _id: { $regex: `^${collection}` } } as object);
      const { holder } = JSON.parse((record?.['value'] as string | undefined) ?? '{}') as { holder?: string | null };
      return nodes.find((node) => node.nodeName === holder);
    });
  const operational = () => mongo.db(`${running.cluster.settings['MONGODB_DATABASE'] ?? ''}-operational`);
  const records = async (collection: string): Promise<Record<string, unknown>[]> =>
    (await operational().collection(collection).find().toArray()).map(
      ({ value }) => JSON.parse(value as string) as Record<string, unknown>,
    );

  beforeAll(async () => {
    await running.cluster.createUser('alice');
    mongo = await connectMongo(running.engines.mongo.connection);
  });
  afterAll(() => mongo.close());

  it('the active projector: the standby goes on, pulls do not even wait, and nothing is lost', async () => {
    const { projectors } = running.cluster;
    for (let round = 0; round < 2; round++) {
      const load = begin();
      await load.more(10);
      const feeding = await active(projectors, 'projector-');
      const begun = performance.now();
      const known = load.acknowledged[0];
      feeding.child.kill('SIGKILL');
      const next = load.next();
      // Until somebody else feeds the read models they show what they showed.
      for (let pull = 0; pull < 20; pull++) {
        expectStatus(await client().repository('alice/app1').get('tags/list'), 200);
        expectStatus(
          await client()
            .repository(known?.repository.name ?? '')
            .get(`manifests/${known?.tag ?? ''}`),
          200,
        );
      }
      await next;
      say(`a push went through ${(performance.now() - begun).toFixed(0)} ms after the projector was killed`);
      expect(performance.now() - begun).toBeLessThan(PATIENCE_MILLISECONDS);
      await feeding.restart('SIGKILL');
      await load.more(5);
      await load.stop();
      expect(load.failures.filter((failure) => !failure.includes('503'))).toEqual([]);
      expect(await load.lost()).toEqual([]);
    }
    expect(await running.verdicts()).toEqual([]);
  });

  it('the active projector sleeps longer than its lease and wakes up: no event is applied twice', async () => {
    const { projectors } = running.cluster;
    const load = begin();
    await load.more(10);
    const feeding = await active(projectors, 'projector-');
    feeding.child.kill('SIGSTOP');
    const begun = performance.now();
    await load.next();
    say(`a push went through ${(performance.now() - begun).toFixed(0)} ms after the projector was put to sleep`);
    const other = await active(
      projectors.filter((node) => node !== feeding),
      'projector-',
    );
    await sleep(Math.max(0, SLEEP_MILLISECONDS - (performance.now() - begun)));
    feeding.child.kill('SIGCONT');
    await load.more(20);
    expect(await active(projectors, 'projector-')).toBe(other);
    await load.stop();
    expect(await load.lost()).toEqual([]);
    expect(await running.verdicts()).toEqual([]);
  });

  it('an API node: the other one answers, and nothing is lost', async () => {
    const load = begin();
    await load.more(10);
    const [first] = running.nodes;
    first.child.kill('SIGKILL');
    await load.next();
    await load.more(10);
    await first.restart('SIGKILL');
    await load.more(10);
    await load.stop();
    say(`${load.failures.length} requests of ${load.acknowledged.length} pushes met the dead node`);
    expect(await load.lost()).toEqual([]);
    running.cluster.balancer.failures = [];
  });

  it('the relay, again and again: Kafka has every event, in the order of the log', async () => {
    const [relay] = running.cluster.relays;
    if (!relay) throw new Error('there is a relay');
    const load = begin();
    for (let round = 0; round < 3; round++) {
      await load.more(15);
      await relay.restart('SIGKILL');
    }
    await load.more(5);
    await load.stop();
    const begun = performance.now();
    const log = await logOf(running.nodes[0]);
    const prefix = running.cluster.settings['KAFKA_TOPIC_PREFIX'] ?? '';
    const published = await eventually('everything is on Kafka', async () => {
      const topics = await publishedBy(running.engines.kafka.brokers, prefix);
      const ids = new Set([...topics.values()].flatMap((messages) => [...heard(messages).streams.values()].flat()));
      return log.every(({ id }) => ids.has(id)) ? topics : undefined;
    });
    say(`everything was on Kafka ${(performance.now() - begun).toFixed(0)} ms after the last push`);
    const streams = Map.groupBy(log, ({ stream }) => stream);
    let repeated = 0;
    for (const [category, messages] of published) {
      const found = heard(messages);
      repeated += found.repeated;
      for (const [stream, ids] of found.streams) {
        expect(stream.startsWith(`${category}-`) || stream === category).toBe(true);
        expect(ids).toEqual(streams.get(stream)?.map(({ id }) => id));
      }
    }
    say(`${log.length} events in ${streams.size} streams on ${published.size} topics, ${repeated} of them twice`);
  });

  it('workers: the remains of every deleted repository are taken away, once', async () => {
    const { workers } = running.cluster;
    const alice = await ApiClient.signedIn(running.nodes[0], 'alice');
    const names = Array.from({ length: 12 }, (_, index) => `gone${index}`);
    for (const name of names) {
      const repository = client().repository(`alice/${name}`);
      await repository.pushBlob(freshBytes());
      const location = await repository.beginUpload();
      expectStatus(await repository.patch(location, freshBytes(100_000), 0), 202);
    }
    const before = (await records('jobs')).length;
    for (const [index, name] of names.entries()) {
      expect((await alice.delete(`/api/v1/repository/alice/${name}`)).status).toBe(204);
      if (index % 4 === 2) await workers[(index >> 2) % workers.length]?.restart('SIGKILL');
    }
    const begun = performance.now();
    const open = await eventually('no upload is left', async () => {
      const left = (await records('uploads')).filter(({ state }) => state === 'open');
      const undone = (await records('jobs')).filter(({ state }) => state !== 'done');
      return left.length === 0 && undone.length === 0 ? left : undefined;
    });
    say(`the last remains went ${(performance.now() - begun).toFixed(0)} ms after the last deletion`);
    expect(open).toEqual([]);
    expect((await records('jobs')).length - before).toBe(names.length);
  });
});

async function eventually<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`it did not come to pass that ${what}`);
    await sleep(100);
  }
}
