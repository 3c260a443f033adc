import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Suite } from '../bench.js';
import { Connection, type Request } from '../load/connection.js';
import { MANIFEST_TYPE, pushBlob, putManifest, uniqueImage } from '../load/images.js';
import { KafkaArrivals } from '../load/kafkaArrivals.js';
import type { Row } from '../report.js';
import { BenchCluster } from '../servers/cluster.js';
import { benchEngines, type BenchEngines } from '../servers/engines.js';
import { startTidemark } from '../servers/tidemark.js';
import { percentile } from '../statistics.js';

/** Pushes begin so far apart, or when the one before is done if that takes longer. */
const EVERY_MILLISECONDS = 250;
/** Between two looks at the other node: so exactly is it known when it had the manifest. */
const LOOK_MILLISECONDS = 2;
const REPOSITORY = 'bench/lag';
const LAYER_BYTES = 1024;

/** One registry: pushes go to one port, and are looked for at another. */
type Subject = {
  readonly ports: readonly [number, number];
  readonly authorization: string;
  readonly topic: string;
};

/** Milliseconds from sending the manifest. */
const MEASURES = ['answered', 'visible elsewhere', 'record in Kafka'] as const;
type Latencies = Record<(typeof MEASURES)[number], number[]>;

/** A small push, followed to its ends: the answer, the record in Kafka, and the other node. */
export const enginesLag: Suite = {
  name: 'engines-lag',
  what: 'from sending a manifest to its 201, to its record in Kafka and to its being read on another node',
  run: async (bench) => {
    const engines = await benchEngines();
    const stops: (() => Promise<void>)[] = [() => engines.stop()];
    try {
      const subjects: [string, Subject][] = [];
      for (const start of [embedded, distributed]) {
        const { name, subject, stop } = await start(bench, engines);
        stops.unshift(stop);
        subjects.push([name, subject]);
      }
      return await measure(bench, new Map(subjects), engines);
    } finally {
      for (const stop of stops) await stop();
    }
  },
};

type Started = { readonly name: string; readonly subject: Subject; readonly stop: () => Promise<void> };

async function embedded(bench: Bench, { kafka }: BenchEngines): Promise<Started> {
  const prefix = `bench-${randomBytes(4).toString('hex')}`;
  const settings = { EVENT_BUS: 'kafka', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC_PREFIX: prefix };
  const server = await startTidemark({ folder: await bench.folder('embedded'), settings });
  const { port } = server;
  const authorization = (await server.authorization(REPOSITORY)) ?? '';
  const subject = { ports: [port, port] as const, authorization, topic: `${prefix}.repository` };
  return { name: 'embedded', subject, stop: () => server.stop() };
}

async function distributed(bench: Bench, engines: BenchEngines): Promise<Started> {
  const cluster = await BenchCluster.start(bench, { engines, roles: ['projector', 'api', 'api', 'relay'] });
  const [one, other] = cluster.apis;
  if (!one || !other) throw new Error('two processes must have the role api');
  const subject = {
    ports: [one.port, other.port] as const,
    authorization: await cluster.authorization(REPOSITORY),
    topic: `${cluster.topicPrefix}.repository`,
  };
  return { name: 'distributed', subject, stop: () => cluster.stop() };
}

async function measure(bench: Bench, subjects: ReadonlyMap<string, Subject>, engines: BenchEngines): Promise<Row[]> {
  const found = new Map<string, { readonly all: Latencies; readonly arrivals: KafkaArrivals }>();
  for (const [name, subject] of subjects) {
    // The first push makes the repository, and its record the topic.
    await followed(subject, 'first', undefined);
    const arrivals = await arrivalsOf(engines, subject.topic);
    found.set(name, { all: { answered: [], 'visible elsewhere': [], 'record in Kafka': [] }, arrivals });
  }
  for (let round = -1; round < bench.rounds; round++) {
    for (const [name, subject] of subjects) {
      const started = performance.now();
      const { all, arrivals } = found.get(name) ?? {};
      for (let turn = 0; performance.now() - started < bench.seconds * 1000; turn++) {
        const next = pause(EVERY_MILLISECONDS);
        const one = await followed(subject, `t${turn}`, arrivals);
        if (round >= 0) for (const measure of MEASURES) all?.[measure].push(one[measure]);
        await next;
      }
    }
    bench.note(`engines-lag, round ${round + 1} of ${bench.rounds}`);
  }
  for (const { arrivals } of found.values()) await arrivals.close();
  return MEASURES.map((measure) => {
    const figures = [...found].flatMap(([name, { all }]) =>
      [50, 99].map((percent) => [`${name}, p${percent}`, [percentile(all[measure], percent)]] as const),
    );
    const counts = [...found].map(([name, { all }]) => `${name} ${all[measure].length} pushes`);
    const notes = `from sending the manifest, its blobs being there; ${counts.join(', ')}; ${engines.text}`;
    return { suite: 'engines-lag', measure, unit: 'ms', figures: Object.fromEntries(figures), bars: [], notes };
  });
}

/** @param arrivals undefined: nobody looks for the record */
async function followed(
  { ports, authorization }: Subject,
  tag: string,
  arrivals: KafkaArrivals | undefined,
): Promise<Record<keyof Latencies, number>> {
  const place = { repository: REPOSITORY, authorization };
  const [near, far] = [await Connection.open(ports[0]), await Connection.open(ports[1])];
  try {
    const { config, layer, manifest } = uniqueImage(LAYER_BYTES);
    await pushBlob(near, place, config);
    await pushBlob(near, place, layer);
    const started = performance.now();
    const since = (): number => performance.now() - started;
    const answering = putManifest(near, place, tag, manifest).then(since);
    const path = `/v2/${REPOSITORY}/manifests/${manifest.digest}`;
    const look = { method: 'GET', path, authorization, accept: MANIFEST_TYPE };
    const seeing = seen(far, look).then(since);
    const recording = arrivals?.arrival(manifest.digest).then((at) => at - started) ?? Promise.resolve(0);
    const [answered, visible, recorded] = await Promise.all([answering, seeing, recording]);
    return { answered, 'visible elsewhere': visible, 'record in Kafka': recorded };
  } finally {
    near.close();
    far.close();
  }
}

/** Asks again and again: what is not there yet is 404. */
async function seen(connection: Connection, look: Request): Promise<void> {
  while ((await connection.send(look)).status !== 200) await pause(LOOK_MILLISECONDS);
}

/** The relay makes the topic when it has the first record for it. */
async function arrivalsOf({ kafka }: BenchEngines, topic: string): Promise<KafkaArrivals> {
  for (let left = 100; ; left--) {
    try {
      return await KafkaArrivals.from(kafka.brokers, topic);
    } catch (error) {
      if (left === 0) throw error;
      await pause(100);
    }
  }
}
