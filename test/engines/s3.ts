import { CreateBucketCommand, HeadBucketCommand, NotFound, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Objects, type S3Settings } from '../../src/adapters/blobs/objects/s3.js';
import { PIECE_BYTES } from '../../src/adapters/blobs/objects/objectStore.js';
import { engine, type Engine } from './engine.js';

/** An S3 server and what one needs to know of it. `url`: `http://key:secret@host:port/bucket?region=…`. */
export type S3Engine = {
  readonly settings: S3Settings;
  /** The same bucket, spoken to through another address, such as a proxy. */
  at(endpoint: string): S3Objects;
  readonly own?: Engine['own'];
  stop(): Promise<void>;
};

export async function s3Engine(): Promise<S3Engine | undefined> {
  const found = await engine('s3');
  if (!found) return undefined;
  const settings = settingsOf(found.url);
  await makeBucket(settings);
  return {
    settings,
    at: (endpoint) => new S3Objects({ ...settings, endpoint }),
    own: found.own,
    stop: () => found.stop(),
  };
}

function settingsOf(url: Engine['url']): S3Settings {
  const bucket = url.pathname.slice(1);
  return {
    bucket: bucket === '' ? 'tidemark' : bucket,
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint: url.origin,
    credentials: {
      accessKeyId: url.username === '' ? 'tidemark' : decodeURIComponent(url.username),
      secretAccessKey: url.password === '' ? 'tidemark-secret' : decodeURIComponent(url.password),
    },
    pathStyle: true,
    encrypted: false,
    pieceBytes: PIECE_BYTES,
    joinsItself: true,
    timeoutSeconds: 30,
    authorities: undefined,
  };
}

export const clientSettings = ({ region, endpoint, credentials }: S3Settings): S3ClientConfig => ({
  ...{ region, forcePathStyle: true },
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(credentials === undefined ? {} : { credentials }),
});

async function makeBucket(settings: S3Settings): Promise<void> {
  const client = new S3Client(clientSettings(settings));
  try {
    if (await isThere(client, settings.bucket)) return;
    await client.send(new CreateBucketCommand({ Bucket: settings.bucket }));
  } catch (error) {
    const name = error instanceof Error || hasName(error) ? error.name : '';
    if (name !== 'BucketAlreadyOwnedByYou' && name !== 'BucketAlreadyExists') throw error;
  } finally {
    client.destroy();
  }
}

async function isThere(client: S3Client, bucket: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

const hasName = (error: unknown): error is { readonly name: string } =>
  typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string';
