import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type ListMultipartUploadsCommandOutput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import type { Piece } from './objectStore.js';
import { hasStatus, unlessStatus } from './s3Errors.js';
import type { S3Requests } from './s3Requests.js';
import { sideBySide } from '../../../concurrency/sideBySide.js';

/** Parts that are in this process's memory at a time where the server does not copy by itself. */
const HELD = 2;

type Encryption = Pick<PutObjectCommandInput, 'ServerSideEncryption'>;

/** Makes one object of several, as a multipart upload whose parts are copies. */
export class S3Joiner {
  constructor(
    private readonly requests: S3Requests,
    private readonly settings: { readonly bucket: string; readonly joinsItself: boolean },
    private readonly encryption: Encryption,
  ) {}

  async join(pieces: readonly Piece[], target: string): Promise<void> {
    const [first, ...more] = pieces;
    if (!first) throw new RangeError('there is nothing to join');
    if (more.length === 0) await this.#copy(first, target);
    else await this.#joinParts(pieces, target);
  }

  /** Ends multipart uploads that began before a time. @returns how many */
  async sweep(prefix: string, before: Date, signal?: AbortSignal): Promise<number> {
    let swept = 0;
    let next: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
    while (next) {
      const list = new ListMultipartUploadsCommand({ ...this.#bucket, Prefix: prefix, ...next });
      const page: ListMultipartUploadsCommandOutput = await this.requests.send(list);
      for (const { Key: key, UploadId: id, Initiated: begun } of page.Uploads ?? []) {
        if (signal?.aborted === true) return swept;
        if (key === undefined || id === undefined || !begun || begun >= before) continue;
        await this.#abort(key, id);
        swept += 1;
      }
      const { IsTruncated: more, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      next =
        more === true && KeyMarker !== undefined && UploadIdMarker !== undefined
          ? { KeyMarker, UploadIdMarker }
          : undefined;
    }
    return swept;
  }

  get #bucket(): { readonly Bucket: string } {
    return { Bucket: this.settings.bucket };
  }

  async #joinParts(pieces: readonly Piece[], target: string): Promise<void> {
    const begin = new CreateMultipartUploadCommand({ ...this.#bucket, Key: target, ...this.encryption });
    const { UploadId: id } = await this.requests.send(begin);
    if (id === undefined) throw new TypeError('the S3 server began a multipart upload without an id');
    try {
      const parts: CompletedPart[] = [];
      const work = async ([index, piece]: [number, Piece]): Promise<void> => {
        const PartNumber = index + 1;
        const part = { ...this.#bucket, Key: target, UploadId: id, PartNumber };
        parts[index] = { PartNumber, ETag: await this.#part(part, piece) };
      };
      await sideBySide(pieces.entries(), work, this.settings.joinsItself ? undefined : HELD);
      const complete = { ...this.#bucket, Key: target, UploadId: id, MultipartUpload: { Parts: parts } };
      await this.requests.send(new CompleteMultipartUploadCommand(complete));
    } catch (error) {
      // The answer to an earlier try may have got lost.
      if (hasStatus(error, 404) && (await this.#size(target)) === sizeOf(pieces)) return;
      // What cannot be ended now is swept.
      await this.#abort(target, id).catch(() => undefined);
      throw error;
    }
  }

  async #part(
    part: { readonly Bucket: string; readonly Key: string; readonly UploadId: string; readonly PartNumber: number },
    { name }: Piece,
  ): Promise<string> {
    const tag = this.settings.joinsItself
      ? (await this.requests.send(new UploadPartCopyCommand({ ...part, CopySource: this.#source(name) })))
          .CopyPartResult?.ETag
      : (await this.requests.send(new UploadPartCommand({ ...part, Body: await this.#bytes(name) }))).ETag;
    if (tag === undefined) throw new TypeError('the S3 server took a part and gave it no entity tag');
    return tag;
  }

  async #copy({ name }: Piece, target: string): Promise<void> {
    const to = { ...this.#bucket, Key: target, ...this.encryption };
    if (this.settings.joinsItself) {
      await this.requests.send(new CopyObjectCommand({ ...to, CopySource: this.#source(name) }));
    } else {
      await this.requests.send(new PutObjectCommand({ ...to, Body: await this.#bytes(name) }));
    }
  }

  async #bytes(name: string): Promise<Buffer> {
    const { Body: body } = await this.requests.send(new GetObjectCommand({ ...this.#bucket, Key: name }));
    if (!(body instanceof Readable)) throw new TypeError('the S3 client gave a body that is no stream');
    return buffer(body);
  }

  async #size(name: string): Promise<number | undefined> {
    const head = new HeadObjectCommand({ ...this.#bucket, Key: name });
    return (await unlessStatus([404], this.requests.send(head)))?.ContentLength;
  }

  async #abort(key: string, id: string): Promise<void> {
    const abort = new AbortMultipartUploadCommand({ ...this.#bucket, Key: key, UploadId: id });
    await unlessStatus([404], this.requests.send(abort));
  }

  /** A path, percent-encoded (S3 API reference, "CopyObject"). */
  #source(name: string): string {
    return `${this.settings.bucket}/${name.split('/').map(encodeURIComponent).join('/')}`;
  }
}

const sizeOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { size }) => sum + size, 0);
