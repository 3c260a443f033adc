import type { Checkpoint } from '../../src/domain/registry/checkpoint.js';
import { MerkleTree } from '../../src/domain/registry/merkle.js';
import {
  decideAnnounceKey,
  decideCheckpoint,
  REGISTRY_STREAM,
  registryAggregate,
  type Registry,
} from '../../src/domain/registry/registry.js';
import type { RegistryEvent } from '../../src/domain/registry/events.js';
import { signingKey, type SigningKey } from '../../src/domain/registry/signing.js';
import type { EventMetadata, RecordedEvent } from '../../src/domain/shared/envelope.js';
import { eventHash } from '../../src/domain/shared/hash.js';
import { position, type EventId, type StreamName } from '../../src/domain/shared/ids.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import { timestamp } from '../../src/domain/shared/time.js';

/** RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/** The same key for the same seed (0 to 255): tests can name it. */
export function testKeyPem(seed: number): string {
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX, 'hex'), Buffer.alloc(32, seed)]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

export const testKey = (seed: number): SigningKey => signingKey(testKeyPem(seed));

export const testEventId = (number: number): EventId =>
  `01890a5d-ac96-774b-bcce-${number.toString(16).padStart(12, '0')}` as EventId;

export const streamName = (name: string): StreamName => name as StreamName;

/** Room between two positions, for events that are put in. */
const STEP = 10;

/** A log in memory, every event of it chained as the registry does it. */
export class TestLog {
  readonly events: RecordedEvent[] = [];
  readonly #heads = new Map<string, RecordedEvent>();
  #key = testKey(1);
  #registry: Registry = registryAggregate.initial();

  append(stream: string, type: string, data: JsonObject): RecordedEvent {
    const event = chained(this.#heads.get(stream), {
      stream: streamName(stream),
      id: testEventId(this.events.length + 1),
      position: position((this.events.length + 1) * STEP),
      type,
      data,
    });
    this.#heads.set(stream, event);
    this.events.push(event);
    return event;
  }

  announce(key: SigningKey): this {
    this.#record(decideAnnounceKey({ key, by: this.#registry.keyIds.length === 0 ? key : this.#key }, this.#registry));
    this.#key = key;
    return this;
  }

  /** @param behind how many of the latest events it does not cover, as if they came while it was being made */
  checkpoint(behind = 0): Checkpoint {
    const from = this.#registry.lastCheckpoint?.size ?? 0;
    const covered = this.events.slice(from, this.events.length - behind);
    const tree = new MerkleTree();
    for (const { metadata } of covered) tree.add(Buffer.from(metadata.hash, 'hex'));
    const command = {
      from,
      size: from + covered.length,
      root: tree.root(),
      lastEvent: covered.at(-1)?.id ?? testEventId(0),
      key: this.#key,
    };
    const [made] = this.#record(decideCheckpoint(command, this.#registry));
    if (made?.type !== 'LogCheckpointed') throw new Error('there is nothing to cover');
    return made.data;
  }

  #record(events: readonly RegistryEvent[]): readonly RegistryEvent[] {
    for (const event of events) {
      const { at } = this.append(REGISTRY_STREAM, event.type, event.data).metadata;
      this.#registry = registryAggregate.evolve(this.#registry, { ...event, at });
    }
    return events;
  }
}

/** An event that follows `previous` in its stream, hash and all. */
export function chained(
  previous: RecordedEvent | undefined,
  event: Pick<RecordedEvent, 'stream' | 'id' | 'position' | 'type' | 'data'>,
): RecordedEvent {
  const revision = previous ? previous.revision + 1 : 0;
  return rehashed({ ...event, revision, metadata: metadata(previous?.metadata.hash ?? null) });
}

/** The event with a hash that its content is right for. */
export const rehashed = (event: RecordedEvent): RecordedEvent => ({
  ...event,
  metadata: { ...event.metadata, hash: eventHash(event.stream, event.revision, event) },
});

const metadata = (prevHash: string | null): EventMetadata => ({
  schema: 1,
  at: timestamp(Date.UTC(2026, 5, 18)),
  actor: { kind: 'user', id: '01890a5d-ac96-774b-bcce-b302099a8057' },
  credential: { kind: 'password', id: '01890a5d-ac96-774b-bcce-b302099a8057' },
  via: 'registry',
  asSuperuser: false,
  ip: { subject: 'account:01890a5d-ac96-774b-bcce-b302099a8057', box: 'x'.repeat(54) },
  userAgent: { subject: 'account:01890a5d-ac96-774b-bcce-b302099a8057', box: 'y'.repeat(72) },
  correlationId: '01890a5d-ac96-774b-bcce-b302099a8058',
  causationId: null,
  prevHash,
  hash: '',
});
