import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { EmbeddedEngines } from '../../src/adapters/sqlite/embedded.js';
import { systemContext } from '../../src/commands/context.js';
import { Sealing } from '../../src/commands/sealing.js';
import { SigningKeys } from '../../src/commands/signingKeys.js';
import { Streams } from '../../src/commands/streams.js';
import { nameAggregate } from '../../src/domain/names/name.js';
import type { StreamName } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { Checkpointer, type CheckpointerOptions } from '../../src/workers/checkpointer.js';

const ids = { next: () => uuidv7() };
const clock = { now: () => timestamp(Date.now()) };
export const context = systemContext('system', 'test');

export type ProcessUnderTest = {
  readonly streams: Streams;
  readonly signingKeys: SigningKeys;
  /** What failed in the background. */
  readonly failures: readonly unknown[];
  readonly checkpointer: Checkpointer;
};

/** What one process has of the registry, as far as checkpoints need it. */
export function processOn(
  engines: EmbeddedEngines,
  options: Partial<CheckpointerOptions> = {},
  events: EventStore = engines.events,
): ProcessUnderTest {
  const streams = new Streams({ events, sealing: new Sealing(engines.keys), clock, ids });
  const signingKeys = new SigningKeys(streams, engines.keys);
  const failures: unknown[] = [];
  const failed = (error: unknown) => failures.push(error);
  const own = { events, operational: engines.operational, streams, signingKeys, ids, intervalSeconds: 3600, failed };
  return { streams, signingKeys, failures, checkpointer: new Checkpointer({ ...own, ...options }) };
}

/** So many events, each in a stream of its own. */
export async function happen(streams: Streams, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const stream = `name-namespace-${randomUUID()}` as StreamName;
    const owner = `namespace-${randomUUID()}` as StreamName;
    await streams.decide(nameAggregate, stream, context, () => [{ type: 'NameClaimed', data: { owner } }]);
  }
}
