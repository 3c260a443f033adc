import { getFips, hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { IdempotencyStrategy, Storage, type Bucket } from '@google-cloud/storage';
import type { ByteRange } from '../../../ports/blobStore.js';
import { StoreUnavailable } from '../../../ports/errors.js';
import { compose } from './gcsCompose.js';
import { isAnswer, mayPass, onGcs, unlessAnswer } from './gcsErrors.js';
import type { ObjectStore, OpenObject, Piece, Version } from './objectStore.js';

export type GcsSettings = {
  readonly bucket: string;
  /** Undefined: Google's own. */
  readonly endpoint: string | undefined;
  /** A service account; undefined: what the environment of the process gives, such as the account of its machine. */
  readonly account:
    | { readonly email: string; readonly privateKey: string }
    | { readonly keyFile: string }
    /** An endpoint that asks nobody who he is. */
    | 'nobody'
    | undefined;
  readonly pieceBytes: number;
  /** Of one request, in seconds. */
  readonly timeoutSeconds: number;
};

export const GCS_PIECE_BYTES = 8 * 1024 * 1024;

const TRIES = 5;
const CONTENT_TYPE = 'application/octet-stream';

/** Objects in a bucket of Google Cloud Storage. */
export class GcsObjects implements ObjectStore {
  readonly pieceBytes: number;
  readonly #bucket: Bucket;

  constructor(settings: GcsSettings) {
    this.pieceBytes = settings.pieceBytes;
    this.#bucket = storageOf(settings).bucket(settings.bucket);
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return onGcs(this.#save(name, bytes));
  }

  async putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean> {
    const saving = onGcs(this.#save(name, bytes, expected ?? '0')).then(() => true);
    return (await unlessAnswer([404, 412], saving)) ?? false;
  }

  async removeIf(name: string, expected: Version): Promise<boolean> {
    const removing = onGcs(this.#bucket.file(name).delete({ ifGenerationMatch: expected })).then(() => true);
    return (await unlessAnswer([404, 412], removing)) ?? false;
  }

  async get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
    for (let tries = 1; ; tries += 1) {
      const opened = await this.#open(name);
      if (!opened) return undefined;
      const { body, size, version } = opened;
      try {
        const bytes = await buffer(body);
        if (bytes.byteLength === size) return { bytes, version };
        if (tries === TRIES) throw new StoreUnavailable(`reading ${name} broke off`);
      } catch (error) {
        if (tries === TRIES) throw new StoreUnavailable(`reading ${name} broke off`, { cause: error });
      }
    }
  }

  open(name: string, range?: ByteRange): Promise<OpenObject | undefined> {
    return this.#open(name, range);
  }

  async size(name: string): Promise<number | undefined> {
    const found = await unlessAnswer([404], onGcs(this.#bucket.file(name).getMetadata()));
    return found && Number(found[0].size);
  }

  join(pieces: readonly Piece[], target: string): Promise<void> {
    return onGcs(compose(this.#bucket, pieces, target));
  }

  async remove(name: string): Promise<void> {
    await onGcs(this.#bucket.file(name).delete({ ignoreNotFound: true }));
  }

  async *list(prefix: string): AsyncGenerator<{ readonly name: string; readonly size: number }, void, undefined> {
    for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
      const query = { prefix, autoPaginate: false, ...(pageToken === '' ? {} : { pageToken }) };
      const [files, next] = await onGcs(this.#bucket.getFiles(query));
      for (const { name, metadata } of files) yield { name, size: Number(metadata.size) };
      pageToken = tokenOf(next);
    }
  }

  async *folders(prefix: string): AsyncGenerator<string, void, undefined> {
    for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
      const query = { prefix, delimiter: '/', autoPaginate: false, ...(pageToken === '' ? {} : { pageToken }) };
      const [, next, answer] = await onGcs(this.#bucket.getFiles(query));
      for (const folder of prefixesOf(answer)) yield folder.slice(prefix.length, -1);
      pageToken = tokenOf(next);
    }
  }

  async link(name: string, seconds: number): Promise<string> {
    const expires = Date.now() + seconds * 1000;
    const [url] = await onGcs(this.#bucket.file(name).getSignedUrl({ version: 'v4', action: 'read', expires }));
    return url;
  }

  /** @param generation what must be there now; 0: nothing */
  async #save(name: string, bytes: Uint8Array, generation?: string): Promise<void> {
    // The server compares what it got with the hash. The library's own check is a fifth as fast, and does it afterwards.
    const md5Hash = getFips() === 0 ? { md5Hash: hash('md5', bytes, 'base64') } : {};
    await this.#bucket.file(name).save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      resumable: false,
      validation: false,
      metadata: { contentType: CONTENT_TYPE, ...md5Hash },
      ...(generation === undefined ? {} : { preconditionOpts: { ifGenerationMatch: generation } }),
    });
  }

  async #open(name: string, range?: ByteRange): Promise<GcsObject | undefined> {
    const file = this.#bucket.file(name);
    const body = file.createReadStream({ decompress: false, validation: false, ...range });
    const headers = await unlessAnswer([404], onGcs(answerOf(body))).catch((error: unknown) => {
      throw isAnswer(error, 416) ? new RangeError(`${name} is shorter than ${String(range?.start)}`) : error;
    });
    if (!headers) return undefined;
    const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['content-length'];
    const size = Number(total ?? 0);
    const discard = (): void => void body.destroy();
    if (range && range.end >= size) {
      discard();
      throw new RangeError(`${name} is shorter than ${range.end} bytes`);
    }
    return { size, body, discard, version: (headers['x-goog-generation'] ?? '') as Version };
  }
}

type GcsObject = OpenObject & { readonly body: Readable; readonly version: Version };
type Headers = { readonly [name: string]: string | undefined };

function storageOf({ endpoint, account, timeoutSeconds }: GcsSettings): Storage {
  return new Storage({
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint, useAuthWithCustomEndpoint: account !== 'nobody' }),
    ...credentialsOf(account),
    timeout: timeoutSeconds * 1000,
    retryOptions: {
      autoRetry: true,
      maxRetries: TRIES - 1,
      totalTimeout: timeoutSeconds,
      retryableErrorFn: mayPass,
      // Every request here may be repeated. Any other strategy makes the library turn off retrying for all its users at
      // once while one of them does what it thinks may not.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  });
}

function credentialsOf(account: GcsSettings['account']): ConstructorParameters<typeof Storage>[0] {
  if (account === undefined || account === 'nobody') return {};
  if ('keyFile' in account) return { keyFilename: account.keyFile };
  return { credentials: { client_email: account.email, private_key: account.privateKey } };
}

/** The head of the answer to a reading that begins with this. */
function answerOf(body: Readable): Promise<Headers> {
  return new Promise((resolve, reject) => {
    body.on('error', reject);
    body.once('response', (answer: unknown) => {
      if (!isHead(answer)) reject(new TypeError('the storage client gave an answer without a head'));
      else if (answer.statusCode < 300) resolve(answer.headers);
    });
    // The request goes out when somebody wants to read.
    body.read(0);
  });
}

const isHead = (answer: unknown): answer is { readonly statusCode: number; readonly headers: Headers } =>
  typeof answer === 'object' &&
  answer !== null &&
  'statusCode' in answer &&
  typeof answer.statusCode === 'number' &&
  'headers' in answer &&
  typeof answer.headers === 'object' &&
  answer.headers !== null;

const tokenOf = (next: unknown): string | undefined =>
  typeof next === 'object' && next !== null && 'pageToken' in next && typeof next.pageToken === 'string'
    ? next.pageToken
    : undefined;

const prefixesOf = (answer: unknown): readonly string[] =>
  typeof answer === 'object' && answer !== null && 'prefixes' in answer && Array.isArray(answer.prefixes)
    ? answer.prefixes.filter((prefix) => typeof prefix === 'string')
    : [];
