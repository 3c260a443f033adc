import { randomBytes, randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { systemContext } from '../../src/commands/context.js';
import type { ContentRecord } from '../../src/commands/contents.js';
import { SigningKeys } from '../../src/commands/signingKeys.js';
import { nameAggregate } from '../../src/domain/names/name.js';
import { parseDigest } from '../../src/domain/shared/digest.js';
import type { StreamName } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { ContentKey, Generation } from '../../src/ports/blobStore.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { Checkpointer } from '../../src/workers/checkpointer.js';
import { chunks } from '../support/chunks.js';
import { digestOf } from '../support/v2client.js';
import type { World, WorldStores } from '../support/world.js';

const context = systemContext('system', 'test');
const ids = { next: () => uuidv7() };
const clock = { now: () => timestamp(Date.now()) };

/** @param events by default the world's own log */
export function checkpointerOn(world: World, events: EventStore = world.stores.events): Checkpointer {
  const { operational, keys } = world.stores;
  const streams = world.streams({ ids, clock, events });
  const failed = (error: unknown): void => {
    throw error;
  };
  const signingKeys = new SigningKeys(streams, keys);
  return new Checkpointer({ ...{ events, operational, streams, signingKeys, ids, failed }, intervalSeconds: 3_600 });
}

/** So many commands, some of which append more than one event. */
export async function happen(world: World, count: number, events: EventStore = world.stores.events): Promise<void> {
  const streams = world.streams({ ids, clock, events });
  for (let number = 0; number < count; number++) {
    const stream = `name-namespace-${randomUUID()}` as StreamName;
    const owner = `namespace-${randomUUID()}` as StreamName;
    const claim = { type: 'NameClaimed', data: { owner } } as const;
    await streams.decide(nameAggregate, stream, context, () => (number % 3 === 0 ? [claim, claim] : [claim]));
  }
}

export const generation = (): Generation => randomUUID() as Generation;

/** A content with its record. */
export async function store({ blobs, operational }: WorldStores, bytes: Uint8Array): Promise<ContentKey> {
  const key: ContentKey = { digest: parseDigest(digestOf(bytes)), generation: generation() };
  if (bytes.byteLength <= 64 * 1024) await blobs.put(key, bytes);
  else {
    const upload = generation() as string as Parameters<typeof blobs.abort>[0];
    await blobs.append(upload, 0, chunks(bytes));
    await blobs.finish(upload, key, bytes.byteLength);
  }
  const value: ContentRecord = { generation: key.generation, size: bytes.byteLength, state: 'live' };
  await operational.write([{ kind: 'put', collection: 'contents', key: key.digest, value }]);
  return key;
}

/** An installation with a little of everything. */
export async function furnish(world: World): Promise<void> {
  const { stores } = world;
  await stores.keys.ensure('account:kept');
  await stores.keys.destroy('account:erased');
  await checkpointerOn(world).checkpoint();
  await happen(world, 20);
  await checkpointerOn(world).checkpoint();
  await happen(world, 7);
  await store(stores, randomBytes(100));
  await store(stores, new Uint8Array());
  await store(stores, randomBytes(300_000));
  await stores.operational.write([
    { kind: 'put', collection: 'holds', key: 'r/d', value: { until: timestamp(9), readable: true }, due: timestamp(9) },
    { kind: 'put', collection: 'contents', key: digestOf('gone'), value: { generation: 'g', size: 4, state: 'gone' } },
  ]);
}
