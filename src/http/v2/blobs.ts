import { emptyLayerBytes } from '../../domain/manifest/layers.js';
import { parseDigest, type Digest } from '../../domain/shared/digest.js';
import { ContentMissing } from '../../ports/errors.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { namesEtag } from './ifNoneMatch.js';
import type { ReadableBlob } from './blobReads.js';
import { refusePast, requestedRepository } from './names.js';
import { parseRange } from './range.js';
import { idOf, type Registry } from './registry.js';
import { writeBody } from './stream.js';
import { checkWritable } from './writes.js';
import { pastBlob } from './asOf.js';

type Target = { readonly name: string; readonly digest: string };

/** Life of an address in the storage, for a client that queues its downloads, or goes on with one. */
const LINK_SECONDS = 600;

/** GET and HEAD of a blob (distribution-spec, "Pulling blobs"; contract: registry-v2 §6). */
export async function getBlob(registry: Registry, exchange: Exchange, target: Target): Promise<void> {
  const requested = requestedRepository(registry, target.name);
  const digest = parseDigest(target.digest);
  const admitted = await registry.authorization.admit(exchange, target.name, requested, 'pull');
  const { repository } = admitted.found;
  const blob =
    requested.moment === null
      ? await registry.blobReads.find(idOf(repository), digest)
      : await pastBlob(registry, admitted, requested.moment, digest);
  if (!blob) throw blobUnknown(digest);
  await send(registry, exchange, digest, blob);
}

async function send(registry: Registry, exchange: Exchange, digest: Digest, blob: ReadableBlob): Promise<void> {
  const common = [
    ...['Content-Type', 'application/octet-stream', 'Docker-Content-Digest', digest, 'Accept-Ranges', 'bytes'],
    ...['ETag', `"${digest}"`, 'Cache-Control', 'max-age=31536000'],
  ];
  if (namesEtag(exchange.request.headers['if-none-match'], `"${digest}"`)) {
    exchange.head(304, common);
    exchange.response.end();
    return;
  }
  const { blobs, contents, settings } = registry;
  const isFetchedThere = blobs.link !== undefined && blob.size > settings.servedHereBytes;
  if (exchange.method === 'HEAD') {
    // Nobody here reads what clients fetch from the storage: who asks whether to push it is the one who can mend it.
    if (isFetchedThere && blob.content && !(await contents.isThere(blob.content))) throw blobUnknown(digest);
    exchange.head(200, ['Content-Length', blob.size, ...common]);
    exchange.response.end();
    return;
  }
  const range = parseRange(exchange.header('range'), blob.size);
  if (range === 'unsatisfiable') {
    exchange.empty(416, ['Content-Range', `bytes */${blob.size}`]);
    return;
  }
  if (blob.content === null) {
    const bytes = emptyLayerBytes();
    const part = range ? bytes.subarray(range.start, range.end + 1) : bytes;
    exchange.send(range ? 206 : 200, [...common, ...contentRange(range, blob.size)], part);
    return;
  }
  if (blob.size === 0) {
    exchange.send(200, common, '');
    return;
  }
  if (blobs.link && isFetchedThere) {
    const location = await blobs.link(blob.content, LINK_SECONDS);
    // The address has an end: nobody is to keep the answer. The range is asked for again there.
    const headers = ['Docker-Content-Digest', digest, 'Accept-Ranges', 'bytes', 'Cache-Control', 'no-store'];
    exchange.empty(307, ['Location', location, ...headers]);
    return;
  }
  const source = await contents.stream(blob.content, range).catch((error: unknown) => {
    throw error instanceof ContentMissing ? blobUnknown(digest) : error;
  });
  const length = range ? range.end - range.start + 1 : blob.size;
  exchange.head(range ? 206 : 200, ['Content-Length', length, ...common, ...contentRange(range, blob.size)]);
  exchange.bytesOut = await writeBody(exchange.response, source);
}

const contentRange = (range: { readonly start: number; readonly end: number } | undefined, size: number): string[] =>
  range ? ['Content-Range', `bytes ${range.start}-${range.end}/${size}`] : [];

/** DELETE of a blob: ends the repository's own right to it (distribution-spec, "Deleting Blobs"). */
export async function deleteBlob(
  registry: Registry,
  exchange: Exchange,
  { name, digest: text }: Target,
): Promise<void> {
  checkWritable(registry);
  const requested = requestedRepository(registry, name);
  refusePast(requested.moment);
  const digest = parseDigest(text);
  const { found } = await registry.authorization.admit(exchange, name, requested, 'push');
  const id = idOf(found.repository);
  const blob = await registry.blobReads.find(id, digest);
  if (!blob) throw blobUnknown(digest);
  if (blob.content === null || (await registry.blobReads.isNamed(id, digest))) {
    throw new OciError(405, 'DENIED', 'the blob is part of a manifest: delete that first', { digest });
  }
  await registry.contents.release(id, digest);
  registry.blobReads.forget(id);
  exchange.empty(202, []);
}

const blobUnknown = (digest: Digest): OciError =>
  new OciError(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { digest });
