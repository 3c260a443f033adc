import { getFips, hash, randomUUID } from 'node:crypto';
import { Storage } from '@google-cloud/storage';
import type { ByteRange } from '../../../ports/blobStore.js';
import { compose } from './gcsCompose.js';
import { isRefusal, onGcs, unlessRefused } from './gcsErrors.js';
import { GcsRequests, type GcsRequest } from './gcsRequests.js';
import type { ObjectStore, OpenObject, Piece, Version } from './objectStore.js';
import { wholeObject, type OpenVersion } from './wholeObject.js';

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
  /** Silence on a connection that ends it. */
  readonly timeoutSeconds: number;
  /** Whom connections trust, as PEM; undefined: those that Node.js trusts. */
  readonly authorities: readonly string[] | undefined;
};

const GOOGLE = 'https://storage.googleapis.com';
const CONTENT_TYPE = 'application/octet-stream';

/** Objects in a bucket of Google Cloud Storage. */
export class GcsObjects implements ObjectStore {
  readonly pieceBytes: number;
  readonly #storage: Storage;
  readonly #requests: GcsRequests;
  readonly #bucket: string;
  readonly #isOpen: boolean;

  constructor({ bucket, endpoint = GOOGLE, account, pieceBytes, timeoutSeconds, authorities }: GcsSettings) {
    this.pieceBytes = pieceBytes;
    this.#bucket = bucket;
    this.#isOpen = account === 'nobody';
    this.#storage = new Storage({ apiEndpoint: endpoint, ...credentialsOf(account) });
    const prove = async (url: string): Promise<Record<string, string>> =>
      this.#isOpen ? {} : Object.fromEntries(await this.#storage.authClient.getRequestHeaders(url));
    this.#requests = new GcsRequests(endpoint, prove, timeoutSeconds, authorities);
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return onGcs(this.#save(name, bytes));
  }

  async putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean> {
    const saving = onGcs(this.#save(name, bytes, expected ?? '0')).then(() => true);
    return (await unlessRefused([404, 412], saving)) ?? false;
  }

  async removeIf(name: string, expected: Version): Promise<boolean> {
    const removing = onGcs(this.#json('DELETE', this.#object(name), { ifGenerationMatch: expected })).then(() => true);
    return (await unlessRefused([404, 412], removing)) ?? false;
  }

  get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
    return wholeObject(name, () => this.#open(name));
  }

  open(name: string, range?: ByteRange): Promise<OpenObject | undefined> {
    return this.#open(name, range);
  }

  async size(name: string): Promise<number | undefined> {
    const found = await unlessRefused([404], onGcs(this.#json('GET', this.#object(name), { fields: 'size' })));
    return found === undefined ? undefined : Number(member(found, 'size'));
  }

  join(pieces: readonly Piece[], target: string): Promise<void> {
    const one = async (names: readonly string[], to: string): Promise<void> => {
      const order = { destination: { contentType: CONTENT_TYPE }, sourceObjects: names.map((name) => ({ name })) };
      const body = [Buffer.from(JSON.stringify(order))];
      const headers = { 'content-type': 'application/json' };
      await this.#requests.json({ method: 'POST', path: `${this.#object(to)}/compose`, headers, body });
    };
    return onGcs(compose({ one, remove: (name) => this.remove(name) }, pieces, target));
  }

  async remove(name: string): Promise<void> {
    await unlessRefused([404], onGcs(this.#json('DELETE', this.#object(name))));
  }

  async *list(prefix: string): AsyncGenerator<{ readonly name: string; readonly size: number }, void, undefined> {
    for await (const page of this.#pages({ prefix, fields: 'items(name,size),nextPageToken' })) {
      for (const item of listIn(page, 'items')) {
        yield { name: String(member(item, 'name')), size: Number(member(item, 'size')) };
      }
    }
  }

  async *folders(prefix: string): AsyncGenerator<string, void, undefined> {
    for await (const page of this.#pages({ prefix, delimiter: '/', fields: 'prefixes,nextPageToken' })) {
      for (const folder of listIn(page, 'prefixes')) yield String(folder).slice(prefix.length, -1);
    }
  }

  async link(name: string, seconds: number): Promise<string> {
    // Where nobody is asked who he is, nothing is signed.
    if (this.#isOpen) return this.#requests.address({ path: this.#object(name), query: { alt: 'media' } });
    const expires = Date.now() + seconds * 1000;
    const file = this.#storage.bucket(this.#bucket).file(name);
    const [url] = await onGcs(file.getSignedUrl({ version: 'v4', action: 'read', expires }));
    return url;
  }

  get #objects(): string {
    return `/storage/v1/b/${encodeURIComponent(this.#bucket)}/o`;
  }

  #object(name: string): string {
    return `${this.#objects}/${encodeURIComponent(name)}`;
  }

  #json(method: 'GET' | 'DELETE', path: string, query: GcsRequest['query'] = {}): Promise<unknown> {
    return this.#requests.json({ method, path, query });
  }

  /** @param generation what must be there now; 0: nothing */
  async #save(name: string, bytes: Uint8Array, generation?: string): Promise<void> {
    // The server compares what it got with the hash.
    const md5Hash = getFips() === 0 ? { md5Hash: hash('md5', bytes, 'base64') } : {};
    const border = randomUUID();
    const facts = JSON.stringify({ name, contentType: CONTENT_TYPE, ...md5Hash });
    const head =
      `--${border}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${facts}\r\n` +
      `--${border}\r\nContent-Type: ${CONTENT_TYPE}\r\n\r\n`;
    await this.#requests.json({
      method: 'POST',
      path: `/upload${this.#objects}`,
      query: { uploadType: 'multipart', name, ifGenerationMatch: generation },
      headers: { 'content-type': `multipart/related; boundary=${border}` },
      body: [Buffer.from(head), bytes, Buffer.from(`\r\n--${border}--\r\n`)],
    });
  }

  async #open(name: string, range?: ByteRange): Promise<OpenVersion | undefined> {
    const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
    const asking = this.#requests.stream({ method: 'GET', path: this.#object(name), query: { alt: 'media' }, headers });
    const body = await unlessRefused([404], onGcs(asking)).catch((error: unknown) => {
      throw isRefusal(error, 416) ? new RangeError(`${name} is shorter than ${String(range?.start)} bytes`) : error;
    });
    if (!body) return undefined;
    const total = /\/(\d+)$/.exec(body.headers['content-range'] ?? '')?.[1] ?? body.headers['content-length'];
    const size = total === undefined ? await this.size(name) : Number(total);
    const discard = (): void => void body.destroy();
    if (size === undefined || (range && range.end >= size)) {
      discard();
      if (size === undefined) return undefined;
      throw new RangeError(`${name} is shorter than ${String(range?.end)} bytes`);
    }
    return { size, body, discard, version: String(body.headers['x-goog-generation'] ?? '') as Version };
  }

  async *#pages(query: Readonly<Record<string, string>>): AsyncGenerator<unknown, void, undefined> {
    let pageToken: string | undefined;
    do {
      const page = await onGcs(this.#json('GET', this.#objects, { ...query, pageToken }));
      yield page;
      const next = member(page, 'nextPageToken');
      pageToken = typeof next === 'string' && next !== '' ? next : undefined;
    } while (pageToken !== undefined);
  }
}

function credentialsOf(account: GcsSettings['account']): ConstructorParameters<typeof Storage>[0] {
  if (account === undefined || account === 'nobody') return {};
  if ('keyFile' in account) return { keyFilename: account.keyFile };
  return { credentials: { client_email: account.email, private_key: account.privateKey } };
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;

function listIn(page: unknown, name: string): readonly unknown[] {
  const list = member(page, name);
  return Array.isArray(list) ? list : [];
}
