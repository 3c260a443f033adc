import { interleaved, type Bench, type Suite } from '../bench.js';
import { Connection } from '../load/connection.js';
import { Generator } from '../load/generatorProcess.js';
import { MANIFEST_TYPE, pushBlob, putManifest, uniqueImage } from '../load/images.js';
import { wrk } from '../load/wrk.js';
import { times, type Bar, type Figures, type Row } from '../report.js';
import { withContenders } from '../servers/contenders.js';
import { CpuCosts } from '../servers/cpuTime.js';
import type { Server } from '../servers/process.js';

const REPOSITORY = 'bench/app';
const TAG = 'latest';
const CONNECTIONS = 16;
/** What zot is to the bare server: 18,000 requests/s on a machine where that did 50,000. Zot itself is not to be had here. */
const ZOT_PER_BARE = 0.36;
/** What clients ask for; distribution 2.8 answers 404 without it. */
const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

type Ready = {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly authorization: string | undefined;
};

/** Design section 10: manifest GET by tag with a bearer token, 16 connections. Peers run without authentication. */
export const manifestGet: Suite = {
  name: 'manifest-get',
  what: 'manifest GET and HEAD, by tag and by digest, on 16 connections',
  run: (bench) =>
    withContenders(bench, { suite: 'manifest-get', yardstick: true }, async (servers) => {
      const image = uniqueImage(1024);
      const subjects = new Map<string, Ready>();
      for (const [name, server] of servers) {
        const ready = {
          name,
          pid: server.pid,
          port: server.port,
          authorization: await server.authorization(REPOSITORY),
        };
        await prepare(server, ready, image);
        subjects.set(name, ready);
      }
      const measure = async (
        by: string,
        reference: string,
        bars: (figures: Figures) => readonly Bar[],
      ): Promise<Row> => {
        const path = `/v2/${REPOSITORY}/manifests/${reference}`;
        const load = { path, method: 'GET', connections: CONNECTIONS, seconds: bench.seconds } as const;
        const costs = new CpuCosts();
        const figures = await interleaved(
          bench,
          `GET by ${by}`,
          subjects,
          async ({ name, pid, port, authorization }) => {
            const headers = { accept: ACCEPT, ...(authorization === undefined ? {} : { authorization }) };
            let rate = 0;
            await costs.of({ name, pid }, async () => {
              rate = (await wrk({ ...load, port, headers })).perSecond;
              return rate * bench.seconds;
            });
            return rate;
          },
        );
        return {
          suite: 'manifest-get',
          measure: `GET by ${by}`,
          unit: 'requests/s',
          figures,
          bars: bars(figures),
          notes: costs.text(),
        };
      };
      return [
        await measure('tag', TAG, barsOf),
        await measure('digest', image.manifest.digest, () => []),
        await heads(bench, subjects),
      ];
    }),
};

const barsOf = (figures: Figures): readonly Bar[] => [
  times(figures, 10, 'distribution 2.8'),
  times(figures, 5, 'distribution 3.0'),
  times(figures, 2 * ZOT_PER_BARE, 'bare node:http', `≥ ${2 * ZOT_PER_BARE} × bare node:http (2 × zot)`),
];

/** With our own generator, which cannot make as much load as wrk: wrk does not understand answers to HEAD. */
async function heads(bench: Bench, subjects: ReadonlyMap<string, Ready>): Promise<Row> {
  const generator = new Generator();
  const place = { repository: REPOSITORY, path: `/v2/${REPOSITORY}/manifests/${TAG}`, accept: ACCEPT };
  const load = { kind: 'heads', connections: CONNECTIONS, seconds: bench.seconds, ...place } as const;
  const figures = await interleaved(bench, 'HEAD by tag', subjects, async (ready) => {
    const { done, seconds } = await generator.run({ ...load, port: ready.port, authorization: ready.authorization });
    return done / seconds;
  });
  generator.close();
  const notes = 'the generator is at its limit with the faster ones';
  return { suite: 'manifest-get', measure: 'HEAD by tag', unit: 'requests/s', figures, bars: [], notes };
}

async function prepare(server: Server, { authorization }: Ready, image: ReturnType<typeof uniqueImage>): Promise<void> {
  const connection = await Connection.open(server.port);
  const place = { repository: REPOSITORY, authorization };
  if (server.name === 'bare node:http') {
    for (const reference of [TAG, image.manifest.digest]) {
      const path = `/v2/${REPOSITORY}/manifests/${reference}`;
      await connection.expect(201, { method: 'PUT', path, contentType: MANIFEST_TYPE, body: image.manifest.bytes });
    }
  } else {
    await pushBlob(connection, place, image.config);
    await pushBlob(connection, place, image.layer);
    await putManifest(connection, place, TAG, image.manifest);
  }
  connection.close();
}
