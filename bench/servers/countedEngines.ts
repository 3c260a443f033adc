import type { Settings } from '../../test/support/registry.js';
import { s3Storage } from '../../test/engines/storages.js';
import { CountingLine, type Traffic } from './countingLine.js';
import type { BenchEngines } from './engines.js';

/** Lines of one process to the engines. */
export type CountedLines = {
  /** What the process is told in place of the engines' own addresses. */
  readonly settings: Settings;
  take(): Readonly<Record<'mongodb' | 'eventstoredb' | 's3', Traffic>>;
  close(): void;
};

/** @throws Error if an engine cannot be spoken to through a line: a cluster says itself where it is, and TLS is not read */
export async function countedLines({ events, mongo, s3 }: BenchEngines, root: string): Promise<CountedLines> {
  const { own } = events;
  const { through } = mongo;
  const { endpoint } = s3.settings;
  if (!own || !through || endpoint === undefined) throw new Error('calls can only be counted to engines started here');
  const [mongoAt, s3At] = [new URL(mongo.connection), new URL(endpoint)];
  const lines = {
    mongodb: await CountingLine.to(mongoAt.hostname, Number(mongoAt.port), 'mongodb'),
    eventstoredb: await CountingLine.to(own.hostname, own.port, 'grpc'),
    s3: await CountingLine.to(s3At.hostname, Number(s3At.port), 'http'),
  };
  const at = ({ port }: CountingLine): string => `127.0.0.1:${port}`;
  return {
    settings: {
      MONGODB_CONNECTION: through(at(lines.mongodb)),
      EVENTSTORE_CONNECTION: `esdb://${at(lines.eventstoredb)}?tls=false`,
      DISTRIBUTED_STORAGE_CONFIG: s3Storage({ ...s3.settings, endpoint: `http://${at(lines.s3)}` }, root),
    },
    take: () => ({ mongodb: lines.mongodb.take(), eventstoredb: lines.eventstoredb.take(), s3: lines.s3.take() }),
    close: () => {
      for (const line of Object.values(lines)) line.close();
    },
  };
}
