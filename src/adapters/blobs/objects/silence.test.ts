import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SilentServer } from '../../../../test/support/silentServer.js';
import { localhost } from '../../../../test/support/smtpServer.js';
import { StoreUnavailable } from '../../../ports/errors.js';
import { collect, keyOf } from '../sampleContents.js';
import { GcsObjects } from './gcs.js';
import { GcsRequests } from './gcsRequests.js';
import { ObjectBlobStore } from './objectBlobStore.js';
import { PIECE_BYTES, type ObjectStore, type Version } from './objectStore.js';
import { S3Objects } from './s3.js';

/* Object stores that nobody answers for. Limits of a test say only that something ends: jest's own is far above them. */

const common = { bucket: 'tidemark', pieceBytes: PIECE_BYTES, timeoutSeconds: 0.1 };
const BYTES = randomBytes(3_000_000);
const OBJECT = 'any';
const VERSION = '1' as Version;

const stops: (() => unknown)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** @returns its port */
async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Gives the beginning of an object and stops there; it has the rest for those who ask for that. */
const FALTERING: RequestListener = ({ headers: { range } }, response) => {
  const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  const content = { 'content-length': BYTES.byteLength - start, etag: '"1"' };
  if (start === 0) response.writeHead(200, content).write(BYTES.subarray(0, 1000));
  else {
    const all = `${BYTES.byteLength - 1}/${BYTES.byteLength}`;
    response.writeHead(206, { ...content, 'content-range': `bytes ${start}-${all}` }).end(BYTES.subarray(start));
  }
};

/** Takes what comes. */
const TAKING: RequestListener = (request, response) => {
  request.resume().once('end', () => response.writeHead(200, { etag: '"1"' }).end());
};

const ENGINES: readonly [
  string,
  (endpoint: string, authorities?: readonly string[], timeoutSeconds?: number) => ObjectStore,
][] = [
  [
    'S3',
    (endpoint, authorities, timeoutSeconds = common.timeoutSeconds) =>
      new S3Objects({
        ...{ ...common, endpoint, authorities, timeoutSeconds, region: 'us-east-1', pathStyle: true },
        ...{ encrypted: false, joinsItself: true, credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } },
      }),
  ],
  [
    'Cloud Storage',
    (endpoint, authorities, timeoutSeconds = common.timeoutSeconds) =>
      new GcsObjects({ ...common, endpoint, authorities, timeoutSeconds, account: 'nobody' }),
  ],
];

describe.each(ENGINES)('%s', (_, open) => {
  describe('that takes connections and says nothing', () => {
    let objects: ObjectStore;
    beforeEach(async () => {
      const server = await SilentServer.start();
      stops.push(() => {
        server.stop();
      });
      objects = open(`http://127.0.0.1:${server.port}`);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['put', () => objects.put(OBJECT, BYTES)],
      ['putIf', () => objects.putIf(OBJECT, BYTES, null)],
      ['removeIf', () => objects.removeIf(OBJECT, VERSION)],
      ['get', () => objects.get(OBJECT)],
      ['open', () => objects.open(OBJECT)],
      ['size', () => objects.size(OBJECT)],
      [
        'join',
        () =>
          objects.join(
            [
              { name: 'one', size: PIECE_BYTES },
              { name: 'two', size: 1 },
            ],
            OBJECT,
          ),
      ],
      ['remove', () => objects.remove(OBJECT)],
      ['list', () => objects.list('')[Symbol.asyncIterator]().next()],
      ['folders', () => objects.folders('')[Symbol.asyncIterator]().next()],
      ['sweepJoins', () => objects.sweepJoins?.('', new Date()) ?? objects.remove(OBJECT)],
    ])('%s is given up', async (_, call) => {
      await expect(call()).rejects.toThrow(StoreUnavailable);
    });
  });

  it('gives up a body that goes silent, and reads on where it was', async () => {
    const server = createServer(FALTERING);
    // What is not silent gets its time on a busy machine, too.
    const objects = open(`http://127.0.0.1:${await listening(server)}`, undefined, 0.5);
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const opened = await objects.open(OBJECT);
    if (!opened) throw new Error('nothing was opened');
    await expect(collect(opened.body)).rejects.toThrow();
    await expect(objects.get(OBJECT)).rejects.toThrow(StoreUnavailable);
    const read = await new ObjectBlobStore(objects, '').read(keyOf(BYTES));
    expect(Buffer.compare(read, BYTES)).toBe(0);
  });

  it('is trusted by the authorities that are given, whatever the size of a request', async () => {
    const server = createSecureServer(localhost, TAKING);
    const port = await listening(server);
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await expect(open(`https://localhost:${port}`, [localhost.cert], 10).put(OBJECT, BYTES)).resolves.toBeUndefined();
    await expect(open(`https://localhost:${port}`, undefined, 10).put(OBJECT, BYTES)).rejects.toThrow(/self-signed/);
  });
});

it('waits no longer for the proof of who asks than for an answer', async () => {
  const requests = new GcsRequests('http://127.0.0.1:1', () => new Promise(() => undefined), 0.1, undefined);
  await expect(requests.json({ method: 'GET', path: '/' })).rejects.toThrow('no answer within 0.2 s');
});
