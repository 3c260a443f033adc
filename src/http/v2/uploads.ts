import type { IncomingMessage } from 'node:http';
import { ChunkOutOfOrder, type Chunk } from '../../commands/uploads.js';
import type { UploadOwner } from '../../commands/uploadIds.js';
import { parseDigest, type Digest, type DigestAlgorithm } from '../../domain/shared/digest.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import { chunksOf, hasArrived } from './body.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { isSource, isStored, mountable, mountScope } from './mount.js';
import { refusePast, requestedRepository } from './names.js';
import { idOf, type Registry } from './registry.js';
import { admitWriter, checkWritable } from './writes.js';

type Target = { readonly name: string };
type SessionTarget = { readonly name: string; readonly id: string };

/** POST: a session, a whole blob, or a mount (distribution-spec, "Pushing blobs"; contract: registry-v2 §5.1). */
export async function beginUpload(registry: Registry, exchange: Exchange, { name }: Target): Promise<void> {
  checkWritable(registry);
  const requested = requestedRepository(registry, name);
  const { query } = exchange;
  const [digest, mount] = [digestIn(query, 'digest'), digestIn(query, 'mount')];
  const algorithm = algorithmIn(query);
  const from = mount ? query.get('from') : null;
  // A client asks for what the first challenge names: the source must stand in it, or the mount never happens.
  const scope = from !== null && isSource(registry, from) ? mountScope(name, from) : undefined;
  const arrived = await hasArrived(exchange.request);
  const { repositoryId } = await admitWriter(registry, exchange, name, requested, scope);
  const owner = ownerOf(exchange, repositoryId);
  const isMounted =
    mount !== undefined &&
    (await mountable(registry, exchange, { name, repositoryId }, mount, from)) &&
    (await isStored(registry, mount));
  if (isMounted) {
    await registry.contents.hold(repositoryId, mount);
    stored(exchange, name, mount);
    return;
  }
  if (digest && !mount) {
    const readmit = readmission(registry, exchange, name, arrived);
    await registry.uploads.storeWhole(owner, digest, chunkOf(exchange, readmit));
    stored(exchange, name, digest);
    return;
  }
  const id = await registry.uploads.begin(owner);
  exchange.empty(202, session(name, id, 0, algorithm));
}

/** PATCH: the next piece (contract: registry-v2 §5.2). */
export async function appendToUpload(
  registry: Registry,
  exchange: Exchange,
  { name, id }: SessionTarget,
): Promise<void> {
  checkWritable(registry);
  const arrived = await hasArrived(exchange.request);
  const owner = await admitted(registry, exchange, name);
  const chunk = chunkOf(exchange, readmission(registry, exchange, name, arrived));
  await answerOutOfOrder(exchange, name, id, async () => {
    const algorithm = algorithmIn(exchange.query);
    const { offset } = await registry.uploads.append(id, owner, chunk, algorithm);
    exchange.empty(202, session(name, id, offset, algorithm));
  });
}

/** PUT: the last piece, if there is one, and the digest of all (contract: registry-v2 §5.4). */
export async function finishUpload(registry: Registry, exchange: Exchange, { name, id }: SessionTarget): Promise<void> {
  checkWritable(registry);
  const arrived = await hasArrived(exchange.request);
  const owner = await admitted(registry, exchange, name);
  const digest = digestIn(exchange.query, 'digest');
  if (!digest) {
    const reason = 'Missing digest arg on monolithic upload';
    throw new OciError(400, 'BLOB_UPLOAD_INVALID', 'blob upload invalid', { reason });
  }
  await answerOutOfOrder(exchange, name, id, async () => {
    await registry.uploads.finish(
      id,
      owner,
      digest,
      hasBody(exchange) ? chunkOf(exchange, readmission(registry, exchange, name, arrived)) : undefined,
    );
    stored(exchange, name, digest);
  });
}

/** GET: how far it is (contract: registry-v2 §5.3). */
export async function uploadStatus(registry: Registry, exchange: Exchange, { name, id }: SessionTarget): Promise<void> {
  const { offset } = await registry.uploads.status(id, await admitted(registry, exchange, name));
  exchange.empty(204, session(name, id, offset, algorithmIn(exchange.query)));
}

/** DELETE: the client gave up (contract: registry-v2 §5.5). */
export async function cancelUpload(registry: Registry, exchange: Exchange, { name, id }: SessionTarget): Promise<void> {
  checkWritable(registry);
  await registry.uploads.cancel(id, await admitted(registry, exchange, name));
  exchange.empty(204, []);
}

/** A session exists only in a repository that exists: its routes create none. */
async function admitted(registry: Registry, exchange: Exchange, name: string): Promise<UploadOwner> {
  const requested = requestedRepository(registry, name);
  refusePast(requested.moment);
  const { found } = await registry.authorization.admit(exchange, name, requested, 'push');
  return ownerOf(exchange, idOf(found.repository));
}

/**
 * A right may be taken away while a body is on its way: what came counts only if it is still there at the end.
 *
 * @param arrived whether it had come before the right was looked at
 */
const readmission = (registry: Registry, exchange: Exchange, name: string, arrived: boolean) => async () => {
  if (!arrived) await admitted(registry, exchange, name);
};

/** An upload belongs to one repository and one subject. */
function ownerOf({ token }: Exchange, repositoryId: RepositoryId): UploadOwner {
  const subject = token?.subject;
  return { repositoryId, subject: subject?.kind === 'user' ? `user:${subject.id}` : 'anonymous' };
}

/** The session stays usable after a 416, which tells where it is (contract: registry-v2 §5.2). */
async function answerOutOfOrder(exchange: Exchange, name: string, id: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ChunkOutOfOrder)) throw error;
    exchange.empty(416, session(name, id, error.offset, algorithmIn(exchange.query)));
  }
}

function session(name: string, id: string, offset: number, algorithm: DigestAlgorithm | undefined): string[] {
  const hint = algorithm === undefined ? '' : `?digest-algorithm=${algorithm}`;
  return [
    ...['Location', `/v2/${name}/blobs/uploads/${id}${hint}`, 'Docker-Upload-UUID', id],
    // After zero bytes `0-0`: the grammar has no way to say "none".
    ...['Range', `0-${Math.max(0, offset - 1)}`],
  ];
}

function stored(exchange: Exchange, name: string, digest: Digest): void {
  exchange.empty(201, ['Location', `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest', digest]);
}

function digestIn(query: URLSearchParams, parameter: string): Digest | undefined {
  const text = query.get(parameter);
  return text === null || text === '' ? undefined : parseDigest(text);
}

function algorithmIn(query: URLSearchParams): DigestAlgorithm | undefined {
  const text = query.get('digest-algorithm');
  if (text === null || text === 'sha256' || text === 'sha512') return text ?? undefined;
  throw new OciError(400, 'DIGEST_INVALID', 'digest-algorithm must be sha256 or sha512', {
    algorithm: text.slice(0, 100),
  });
}

const hasBody = ({ request }: Exchange): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

const CONTENT_RANGE = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/;

/** The body with what the client says of its place and length. @throws OciError 400 for a range that is none */
function chunkOf(exchange: Exchange, readmit: () => Promise<void>): Chunk {
  const { request } = exchange;
  const announced = request.headers['content-length'];
  const length = announced === undefined ? undefined : Number(announced);
  const range = exchange.header('content-range');
  // Without a body the range says nothing: older clients send one with the closing PUT.
  if (range === undefined || !hasBody(exchange)) {
    return { source: bodyOf(request, readmit), length: hasBody(exchange) ? length : 0, start: undefined };
  }
  const [, first = '', last = ''] = CONTENT_RANGE.exec(range) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === '' || end < start) throw new OciError(400, 'BLOB_UPLOAD_INVALID', 'Invalid range header', { range });
  const stated = end - start + 1;
  if (length !== undefined && length !== stated) {
    const message = `the range states ${stated} bytes, the body has ${length}`;
    throw new OciError(400, 'SIZE_INVALID', message, { range, length });
  }
  return { source: bodyOf(request, readmit, stated), length: stated, start };
}

/**
 * The body in pieces; one generator for all that is asked of it, because each costs every piece a turn.
 *
 * @param stated how many bytes its range states: without a stated length it must still have those
 * @throws OciError 400 for another length, what `readmit` throws at its end
 */
async function* bodyOf(
  request: IncomingMessage,
  readmit: () => Promise<void>,
  stated?: number,
): AsyncIterable<Uint8Array> {
  let length = 0;
  for await (const bytes of chunksOf(request)) {
    length += bytes.byteLength;
    if (stated !== undefined && length > stated) throw sizeInvalid(stated, `more than ${stated}`);
    yield bytes;
  }
  if (stated !== undefined && length < stated) throw sizeInvalid(stated, String(length));
  await readmit();
}

const sizeInvalid = (stated: number, length: string): OciError =>
  new OciError(400, 'SIZE_INVALID', `the range states ${stated} bytes, the body has ${length}`, { stated });
