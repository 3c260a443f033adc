import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ListObjectsV2CommandOutput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ByteRange } from '../../../ports/blobStore.js';
import type { ObjectStore, OpenObject, Piece, Version } from './objectStore.js';
import { decided, hasStatus, onS3, unlessStatus } from './s3Errors.js';
import { S3Joiner } from './s3Joiner.js';
import { S3Requests } from './s3Requests.js';
import { wholeObject, type OpenVersion } from './wholeObject.js';

export type S3Settings = {
  readonly bucket: string;
  readonly region: string;
  /** Undefined: Amazon's for the region. */
  readonly endpoint: string | undefined;
  /** Undefined: what the environment of the process gives, such as the role of its machine. */
  readonly credentials:
    { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined;
  /** Buckets in the path and not in the host's name: what servers other than Amazon's understand. */
  readonly pathStyle: boolean;
  /** Asks the server to encrypt what it stores. */
  readonly encrypted: boolean;
  readonly pieceBytes: number;
  /** Whether the server copies from object to object; else bytes go through this process once more. */
  readonly joinsItself: boolean;
  /** Silence on a connection that ends it. */
  readonly timeoutSeconds: number;
  /** Whom connections trust, as PEM; undefined: those that Node.js trusts. */
  readonly authorities: readonly string[] | undefined;
};

const TRIES = 5;
const CONNECT_MS = 5_000;
const CONNECTIONS = 256;
const CONTENT_TYPE = 'application/octet-stream';

/** Objects in a bucket of Amazon S3 or a server that speaks its protocol. */
export class S3Objects implements ObjectStore {
  readonly pieceBytes: number;
  readonly #client: S3Client;
  readonly #requests: S3Requests;
  readonly #bucket: string;
  readonly #encryption: Pick<PutObjectCommandInput, 'ServerSideEncryption'>;
  readonly #joiner: S3Joiner;

  constructor(settings: S3Settings) {
    this.pieceBytes = settings.pieceBytes;
    this.#bucket = settings.bucket;
    this.#encryption = settings.encrypted ? { ServerSideEncryption: 'AES256' } : {};
    this.#client = clientOf(settings);
    this.#requests = new S3Requests(this.#client, settings.timeoutSeconds);
    this.#joiner = new S3Joiner(this.#requests, settings, this.#encryption);
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await decided(() => this.#requests.send(new PutObjectCommand(this.#putting(name, bytes))));
  }

  async putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean> {
    const condition = expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
    const put = new PutObjectCommand({ ...this.#putting(name, bytes), ...condition });
    const stored = await unlessStatus(
      [404, 412],
      decided(() => this.#requests.send(put)),
    );
    return stored !== undefined;
  }

  /** Few servers remove on a condition, all that serve here write on one: emptied, nobody else can go on. */
  async removeIf(name: string, expected: Version): Promise<boolean> {
    if (!(await this.putIf(name, new Uint8Array(), expected))) return false;
    await this.remove(name);
    return true;
  }

  get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
    return wholeObject(name, () => this.#open(name));
  }

  async open(name: string, range?: ByteRange): Promise<OpenObject | undefined> {
    return this.#open(name, range);
  }

  async size(name: string): Promise<number | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: name });
    const answer = await unlessStatus([404], onS3(this.#requests.send(command)));
    return answer && (answer.ContentLength ?? 0);
  }

  async join(pieces: readonly Piece[], target: string): Promise<void> {
    await decided(() => this.#joiner.join(pieces, target));
  }

  async remove(name: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: name });
    await unlessStatus([404], onS3(this.#requests.send(command)));
  }

  async *list(prefix: string): AsyncGenerator<{ readonly name: string; readonly size: number }, void, undefined> {
    for await (const { Contents: page = [] } of this.#pages({ Prefix: prefix })) {
      for (const { Key: name, Size: size } of page) if (name !== undefined) yield { name, size: size ?? 0 };
    }
  }

  async *folders(prefix: string): AsyncGenerator<string, void, undefined> {
    for await (const { CommonPrefixes: page = [] } of this.#pages({ Prefix: prefix, Delimiter: '/' })) {
      for (const { Prefix: folder } of page) if (folder !== undefined) yield folder.slice(prefix.length, -1);
    }
  }

  async sweepJoins(prefix: string, before: Date, signal?: AbortSignal): Promise<number> {
    return onS3(this.#joiner.sweep(prefix, before, signal));
  }

  link(name: string, seconds: number): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: name });
    return getSignedUrl(this.#client, command, { expiresIn: seconds });
  }

  #putting(name: string, bytes: Uint8Array): PutObjectCommandInput {
    return { Bucket: this.#bucket, Key: name, Body: bytes, ContentType: CONTENT_TYPE, ...this.#encryption };
  }

  async #open(name: string, range?: ByteRange): Promise<OpenVersion | undefined> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: name,
      ...(Range === undefined ? {} : { Range }),
    });
    const getting = onS3(this.#requests.send(command)).catch((error: unknown) => {
      throw hasStatus(error, 416) ? new RangeError(`${name} is shorter than ${Range ?? ''}`) : error;
    });
    const answer = await unlessStatus([404], getting);
    if (!answer) return undefined;
    const body: unknown = answer.Body;
    if (!(body instanceof Readable)) throw new TypeError('the S3 client gave a body that is no stream');
    // An object may be closed before anybody reads it: what its connection then says is no news.
    body.on('error', () => undefined);
    const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? answer.ContentLength;
    const size = total === undefined ? await this.size(name) : Number(total);
    const discard = (): void => void body.destroy();
    if (size === undefined || (range && range.end >= size)) {
      discard();
      if (size === undefined) return undefined;
      throw new RangeError(`${name} is shorter than ${Range ?? ''}`);
    }
    return { size, body, discard, version: (answer.ETag ?? '') as Version };
  }

  async *#pages(query: {
    readonly Prefix: string;
    readonly Delimiter?: string;
  }): AsyncGenerator<ListObjectsV2CommandOutput> {
    let token: string | undefined;
    do {
      const more = token === undefined ? {} : { ContinuationToken: token };
      const list = new ListObjectsV2Command({ Bucket: this.#bucket, ...query, ...more });
      const page: ListObjectsV2CommandOutput = await onS3(this.#requests.send(list));
      yield page;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

function clientOf({ region, endpoint, credentials, pathStyle, timeoutSeconds, authorities }: S3Settings): S3Client {
  const connections = { keepAlive: true, maxSockets: CONNECTIONS };
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: TRIES,
    // Servers other than Amazon's refuse checksums that they do not know; the signature covers the bytes as it is.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // To wait for leave to send, the client makes a connection for each request, and forgets whom it is to trust.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: timeoutSeconds * 1000,
      httpAgent: connections,
      httpsAgent: authorities === undefined ? connections : { ...connections, ca: [...authorities] },
    },
  });
}
