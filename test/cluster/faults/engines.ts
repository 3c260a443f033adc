import type { Engine } from '../../engines/engine.js';
import { s3Storage } from '../../engines/storages.js';
import { Toxiproxy, type Line } from '../../engines/toxiproxy.js';
import type { Settings } from '../../support/registry.js';
import { clusterEngines, type ClusterEngines } from '../engines.js';

export const ENGINES = ['EventStoreDB', 'MongoDB', 'Kafka', 'S3'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What happens to an engine, until it is undone. */
const FAULTS = ['cut', 'delayed', 'reset', 'killed'] as const;
export type Fault = (typeof FAULTS)[number];

/** Each way, give or take the second number (ms). */
const DELAY: readonly [number, number] = [400, 100];

/** `own`: of one that is ours to kill. */
type Place = { readonly line: Line; readonly own?: Engine['own'] };

/** The engines of a cluster, which reaches each of them by a line with faults; tests look at them directly. */
export class FaultyEngines {
  private constructor(
    readonly engines: ClusterEngines,
    private readonly network: Toxiproxy,
    private readonly places: Readonly<Record<EngineName, Place>>,
    /** Of a cluster behind the lines. */
    readonly settings: Settings,
  ) {}

  /** @returns undefined, said loudly, if engines are not to be had that may be broken */
  static async start(): Promise<FaultyEngines | undefined> {
    const network = await Toxiproxy.start();
    const engines = network && (await clusterEngines());
    if (!network || !engines) {
      await network?.stop();
      return undefined;
    }
    const { events, mongo, kafka, s3 } = engines;
    const log = events.own ?? plainAddress(events.connection);
    if (!log || !mongo.own || !mongo.through || !kafka.own || !kafka.line || !s3.own) {
      process.stderr.write('\n*** SKIPPED: faults under load: some engines are not ours to break ***\n\n');
      await engines.stop();
      await network.stop();
      return undefined;
    }
    const toEvents = await network.to(log);
    const toMongo = await network.to(new URL(mongo.connection));
    const toKafka = await network.to(kafka.line.target, kafka.line.port);
    const toObjects = await network.to(new URL(s3.settings.endpoint ?? ''));
    const own = engines.settings();
    const storage = s3Storage({ ...s3.settings, endpoint: `http://${toObjects.host}` }, 'faults');
    return new FaultyEngines(
      engines,
      network,
      {
        EventStoreDB: { line: toEvents, own: events.own },
        MongoDB: { line: toMongo, own: mongo.own },
        Kafka: { line: toKafka, own: kafka.own },
        S3: { line: toObjects, own: s3.own },
      },
      {
        ...own,
        EVENTSTORE_CONNECTION: `esdb://${toEvents.host}?tls=false`,
        MONGODB_CONNECTION: mongo.through(toMongo.host),
        KAFKA_BROKERS: toKafka.host,
        DISTRIBUTED_STORAGE_CONFIG: storage,
      },
    );
  }

  faultsOf(engine: EngineName): readonly Fault[] {
    return this.places[engine].own ? FAULTS : FAULTS.filter((fault) => fault !== 'killed');
  }

  async begin(engine: EngineName, fault: Fault): Promise<void> {
    const { line, own } = this.places[engine];
    if (fault === 'cut') await line.cut();
    if (fault === 'delayed') await line.delay(...DELAY);
    if (fault === 'reset') await line.reset();
    if (fault === 'killed') await own?.end();
  }

  /** Nothing passes any more, and nobody is told: connections stay, and can be made. */
  async silence(engine: EngineName): Promise<void> {
    await this.places[engine].line.silence();
  }

  /** Resolves when the engine can be reached by whoever tries. */
  async end(engine: EngineName, fault: Fault): Promise<void> {
    const { line, own } = this.places[engine];
    if (fault === 'killed') await own?.again();
    else await line.heal();
  }

  async stop(): Promise<void> {
    await this.network.stop();
    await this.engines.stop();
  }
}

/** Of one server without TLS, user and password: others are not reached by a line, whose name they do not bear. */
function plainAddress(connection: string): URL | undefined {
  const [, address] = /^esdb:\/\/([^@,/?]+)\/?\?tls=false$/i.exec(connection) ?? [];
  if (address === undefined) return undefined;
  const url = new URL(`http://${address}`);
  url.port ||= '2113';
  return url;
}
