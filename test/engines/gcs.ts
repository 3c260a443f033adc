import { Storage } from '@google-cloud/storage';
import { GcsObjects, type GcsSettings } from '../../src/adapters/blobs/objects/gcs.js';
import { PIECE_BYTES } from '../../src/adapters/blobs/objects/objectStore.js';
import { engine, type Engine } from './engine.js';

/** A bucket of Cloud Storage. Its address: `gs://bucket`, or `http://host:port/bucket` of a server that asks nobody who he is. */
export type GcsEngine = {
  readonly settings: GcsSettings;
  /** The same bucket, spoken to through another address, such as a proxy. */
  at(endpoint: string): GcsObjects;
  readonly own: Engine['own'];
  stop(): Promise<void>;
};

export async function gcsEngine(): Promise<GcsEngine | undefined> {
  const found = await engine('gcs');
  if (!found) return undefined;
  const settings = settingsOf(found.url);
  if (settings.endpoint !== undefined) await makeBucket(settings.endpoint, settings.bucket);
  return {
    settings,
    at: (endpoint) => new GcsObjects({ ...settings, endpoint }),
    own: found.own,
    stop: () => found.stop(),
  };
}

function settingsOf(url: URL): GcsSettings {
  const common = { pieceBytes: PIECE_BYTES, timeoutSeconds: 60, authorities: undefined };
  if (url.protocol === 'gs:') return { ...common, bucket: url.host, endpoint: undefined, account: undefined };
  const bucket = url.pathname.slice(1);
  return { ...common, bucket: bucket === '' ? 'tidemark' : bucket, endpoint: url.origin, account: 'nobody' };
}

async function makeBucket(apiEndpoint: string, name: string): Promise<void> {
  const bucket = new Storage({ apiEndpoint, projectId: 'test' }).bucket(name);
  const [isThere] = await bucket.exists();
  if (!isThere) await bucket.create();
}
