import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  openEventStoreDb,
  type EventStoreDbEventStore,
} from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import { publishedUpTo } from '../../src/workers/relayPlace.js';
import { seeded } from '../powerloss/random.js';
import { ApiClient } from '../support/apiClient.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client, type Repository } from '../support/v2client.js';
import { Asking, type Tally } from './faults/asking.js';
import { isReady } from './balancer.js';
import { Cluster } from './cluster.js';
import { ENGINES, FaultyEngines, type EngineName, type Fault } from './faults/engines.js';
import { Caretaker, freshImage, Gate, Known, Puller, push, Pusher, type Image } from './faults/clients.js';
import { check, jobsOf, logOf, published, type Node } from './faults/proving.js';

const USER = 'alice';
const STABLE = 'alice/stable';
const REPOSITORIES = ['alice/one', 'alice/two'] as const;
/** How long an engine is away, or bad. A client of MongoDB looks for a server for five seconds before it says that there is none. */
const FAULT_MILLISECONDS: Readonly<Record<EngineName, number>> = {
  ...{ EventStoreDB: 5_000, MongoDB: 8_000, Kafka: 5_000, S3: 5_000 },
};
/** Generous, for what comes at some time: how long it takes is printed. */
const PATIENCE_MILLISECONDS = 120_000;
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261);

const engines = await FaultyEngines.start();

(engines ? describe : describe.skip)('a cluster under load', () => {
  if (!engines) return;
  let cluster: Cluster;
  let log: EventStoreDbEventStore;
  let mongo: Awaited<ReturnType<typeof connectMongo>>;
  let operational: MongoOperationalStore;
  let nodes: readonly Node[];
  let stable: Repository;
  let loading: Promise<unknown> = Promise.resolve();
  const random = seeded(SEED);
  const known = new Known();
  const gate = new Gate();
  const asking = new Asking();
  const images = new Map<string, Image>();
  const table: string[] = [];

  const name = (node: RegistryProcess): string => node.host;
  const on = (node: RegistryProcess): V2Client => new V2Client({ url: node.url, host: cluster.host }, USER);

  beforeAll(async () => {
    cluster = await Cluster.start(engines.settings, { projectors: 2, workers: 1 });
    await cluster.createUser(USER);
    const { EVENTSTORE_STREAM_PREFIX: streamPrefix } = engines.settings;
    log = openEventStoreDb(engines.engines.events.connection, { streamPrefix });
    mongo = await connectMongo(engines.engines.mongo.connection);
    operational = new MongoOperationalStore(mongo.db(`${engines.settings['MONGODB_DATABASE']}-operational`));
    nodes = await Promise.all(
      cluster.apis.map(async (node) => ({
        ...{ name: name(node), client: on(node), api: await ApiClient.signedIn(node, USER) },
      })),
    );
    const client = new V2Client(cluster, USER);
    stable = client.repository(STABLE);
    for (const tag of ['a', 'b', 'c']) {
      const image = freshImage();
      images.set(tag, image);
      expect(await push(asking, stable, tag, image)).toBeDefined();
    }
    // Everybody who will ask has asked before: what tokens there are to have, clients have.
    for (const node of nodes)
      for (const tag of images.keys()) await node.client.repository(STABLE).get(`manifests/${tag}`);
    const api = await ApiClient.signedIn(cluster, USER);
    const place = { asking, gate, known, random };
    const wild = await client.token('repository:alice/one:pull,push', 'repository:alice/two:pull,push');
    expect(wild).not.toBe('');
    const lanes = [
      ...[0, 1, 2, 3].map((lane) => new Pusher(place, client.repository(REPOSITORIES[lane % 2] ?? ''), `l${lane}`)),
      ...[stable, stable].map((repository) => new Puller(place, repository, images)),
      new Caretaker(place, api, (repository) => client.repository(repository), USER),
    ];
    for (const repository of REPOSITORIES) await client.repository(repository).token();
    loading = Promise.all(lanes.map((lane) => lane.run()));
  }, 120_000);

  afterAll(async () => {
    gate.end();
    await loading;
    process.stdout.write(`\n${table.join('\n')}\n\n`);
    closeConnections();
    await Promise.allSettled([cluster.stop(), log.close(), mongo.close()]);
    await engines.stop();
  }, 60_000);

  const areReady = async (all: readonly RegistryProcess[]): Promise<readonly boolean[]> =>
    Promise.all(all.map(({ port }) => isReady(port)));

  /** @throws Error that says what for, if it takes too long */
  async function until(what: string, milliseconds: number, isSo: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + milliseconds; !(await isSo());) {
      if (Date.now() > deadline) throw new Error(`not within ${milliseconds / 1000} s: ${what}`);
      await pause(50);
    }
  }

  /** Everything works again: all processes say so, each API node takes a push, and others can hear of it. */
  async function recovered(): Promise<void> {
    await until('all processes are ready', PATIENCE_MILLISECONDS, async () =>
      (await areReady(cluster.nodes)).every(Boolean),
    );
    for (const { client, name: node } of nodes) {
      const repository = client.repository('alice/probes');
      let position = '';
      await until(`${node} takes a push`, PATIENCE_MILLISECONDS, async () => {
        const acknowledged = await push(asking, repository, 'probe', freshImage());
        position = acknowledged?.header('tidemark-position') ?? '';
        return acknowledged !== undefined;
      });
      await until('the relay has published it', PATIENCE_MILLISECONDS, async () => {
        return ((await publishedUpTo(operational)) ?? '') >= position;
      });
    }
  }

  /** What needs no engine that is away goes on, on each node. */
  async function goesOn(engine: EngineName): Promise<readonly string[]> {
    for (const { client, api } of engine === 'MongoDB' ? [] : nodes) {
      const repository = client.repository(STABLE);
      for (const [tag, image] of images) {
        const manifest = await repository.get(`manifests/${tag}`);
        if (!manifest.body.equals(image.bytes)) return [`manifest: ${manifest.status} ${manifest.text}`];
        for (const digest of engine === 'S3' ? [] : image.blobs.keys()) {
          const blob = await repository.get(`blobs/${digest}`);
          if (blob.status !== 200) return [`blob: ${blob.status} ${blob.text}`];
        }
      }
      if (engine === 'EventStoreDB') continue;
      const described = await api.put(`/api/v1/repository/${STABLE}`, { description: String(random()) });
      if (described.status !== 200) return [`API: ${described.status} ${described.text}`];
    }
    return [];
  }

  /** What needs an engine that is away is refused, on each node. */
  async function refuses(engine: EngineName): Promise<readonly string[]> {
    // Nobody who asks waits for Kafka.
    if (engine === 'Kafka') return [];
    const pushed = nodes.map(async ({ client, name: node }) => {
      const acknowledged = await push(asking, client.repository('alice/probes'), 'probe', freshImage());
      return acknowledged ? [`${node} took a push`] : [];
    });
    return (await Promise.all(pushed)).flat();
  }

  async function during(engine: EngineName, fault: Fault): Promise<readonly string[]> {
    const isAway = fault === 'cut' || fault === 'killed';
    const over = pause(FAULT_MILLISECONDS[engine]);
    const objections = isAway ? [...(await refuses(engine)), ...(await goesOn(engine))] : [];
    if (engine === 'MongoDB' && isAway) {
      await until(
        'no node says that it is ready',
        PATIENCE_MILLISECONDS,
        async () => !(await areReady(cluster.apis)).some(Boolean),
      );
    }
    await over;
    return objections;
  }

  function report(engine: EngineName, fault: Fault, seconds: number, tally: Tally): void {
    const { answered, refusals, slowestMilliseconds } = tally;
    const line =
      `${engine.padEnd(13)} ${fault.padEnd(8)} recovered in ${seconds.toFixed(1).padStart(5)} s;` +
      ` ${answered} answers, ${refusals.length} of them 503, the slowest after ${(slowestMilliseconds / 1000).toFixed(1)} s`;
    table.push(line);
    process.stdout.write(`${line}\n`);
  }

  it.each(ENGINES.flatMap((engine) => engines.faultsOf(engine).map((fault) => [engine, fault] as const)))(
    '%s %s: nothing acknowledged is lost, answers are answers, and all goes on by itself',
    async (engine, fault) => {
      asking.turn();
      gate.release();
      await engines.begin(engine, fault);
      let objections: readonly string[];
      try {
        objections = await during(engine, fault);
      } finally {
        await engines.end(engine, fault);
      }
      const healed = performance.now();
      await recovered();
      const seconds = (performance.now() - healed) / 1000;
      await gate.hold();
      const tally = asking.turn();
      report(engine, fault, seconds, tally);
      const touched = [...known.touched];
      known.touched.clear();
      const wrong = await check(nodes, known, touched);
      expect({ goesOn: objections, answers: tally.objections.slice(0, 10), wrong }).toEqual({
        ...{ goesOn: [], answers: [], wrong: [] },
      });
      expect(cluster.balancer.failures.splice(0)).toEqual([]);
      // A busy machine may trail behind, whatever is away.
      const refusals = tally.refusals.filter((text) => !text.includes('read models'));
      if (engine === 'Kafka') expect(refusals).toEqual([]);
    },
    600_000,
  );

  it('has everything in the end, once, on all nodes, and the read models are those of the log', async () => {
    await gate.hold();
    gate.end();
    await loading;
    expect(await check(nodes, known, [...known.tags.keys(), ...known.described.keys()])).toEqual([]);
    const [node] = cluster.apis;
    await node?.run(['events', 'verify', '--json']);
    await node?.run(['projections', 'verify', '--json']);
  }, 600_000);

  it('has published each event, those of a stream in their order, and done each job once', async () => {
    const end = await log.end();
    await until(
      'all is published',
      PATIENCE_MILLISECONDS,
      async () => ((await publishedUpTo(operational)) ?? '') >= end,
    );
    const events = await logOf(log);
    const prefix = engines.settings['KAFKA_TOPIC_PREFIX'] ?? '';
    const { objections, repetitions } = await published(events, engines.engines.kafka.brokers, prefix);
    expect(objections).toEqual([]);
    table.push(`${events.length} events; ${repetitions} messages came again`);
    let wrong: readonly string[] = [];
    await until(
      'all jobs are done',
      PATIENCE_MILLISECONDS,
      async () => (wrong = await jobsOf(events, operational)).length === 0,
    ).catch((error: unknown) => {
      throw new Error(wrong.join('\n'), { cause: error });
    });
  }, 600_000);
});
