import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemBlobStore } from '../../src/adapters/blobs/filesystem.js';
import { SqliteSmallContents } from '../../src/adapters/blobs/sqliteSmallContents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../../src/adapters/sqlite/embedded.js';
import type { CommandContext } from '../../src/commands/context.js';
import type { PasswordHasher } from '../../src/commands/passwords.js';
import { readLog } from '../../src/commands/readLog.js';
import { Sealing } from '../../src/commands/sealing.js';
import { Streams, type StreamsOptions } from '../../src/commands/streams.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { START, type EventId, type Position } from '../../src/domain/shared/ids.js';
import { plusSeconds, timestamp, type Timestamp } from '../../src/domain/shared/time.js';
import type { BlobStore } from '../../src/ports/blobStore.js';
import type { Clock, Ids } from '../../src/ports/clock.js';

/** A clock that stands still until it is told to go on, or back. */
export class TestClock implements Clock {
  #now: Timestamp = timestamp(Date.UTC(2026, 5, 18, 18, 59, 13));

  now(): Timestamp {
    return this.#now;
  }

  pass(seconds: number): void {
    this.#now = plusSeconds(this.#now, seconds);
  }
}

/** Ids that look like those of version 7 and are the same in every run. */
export class TestIds implements Ids {
  #last = 0;

  next(): string {
    return `01890a5d-ac96-7000-8000-${(++this.#last).toString(16).padStart(12, '0')}`;
  }

  /** Where an event's id is asked for. */
  readonly event = (): EventId => this.next() as EventId;
}

/** In memory where that is possible: what these tests are about is not whether a disk keeps what it was given. */
const FOLDERS = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of a test's own; to be removed by it. */
export const quickFolder = (): string => mkdtempSync(join(FOLDERS, 'tidemark-'));

export type WorldStores = EmbeddedEngines & { readonly blobs: BlobStore };

/** The embedded stores in a folder of a test's own, with a clock and ids that it can foresee. */
export class World {
  readonly clock = new TestClock();
  readonly ids = new TestIds();
  #stores: WorldStores | undefined;

  private constructor(readonly folder: string) {}

  /** @param folder with what is there; by default an empty one */
  static async open(folder = quickFolder()): Promise<World> {
    const world = new World(folder);
    world.#stores = await openStores(folder);
    return world;
  }

  get stores(): WorldStores {
    if (!this.#stores) throw new Error('the world is closed');
    return this.#stores;
  }

  get sealing(): Sealing {
    return new Sealing(this.stores.keys);
  }

  /** The streams of one process more on these stores. */
  streams(options: Partial<StreamsOptions> = {}): Streams {
    const { clock, ids, sealing } = this;
    return new Streams({ events: this.stores.events, sealing, clock, ids, ...options });
  }

  /** What was appended after a position. */
  async log(after: Position = START): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of readLog(this.stores.events, after)) events.push(event);
    return events;
  }

  /** Closes the stores and opens what they hold again, as a restart of the process would. */
  async restart(): Promise<void> {
    await this.stores.close();
    this.#stores = await openStores(this.folder);
  }

  async close(): Promise<void> {
    await this.#stores?.close();
    this.#stores = undefined;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function openStores(folder: string): Promise<WorldStores> {
  const engines = await openEmbeddedStores({ folder });
  const blobs = new FileSystemBlobStore(join(folder, 'blobs'), new SqliteSmallContents(engines.log));
  return { ...engines, blobs };
}

/** For what may go wrong in the background, and must not in a test. */
export const rethrown = (error: unknown): never => {
  throw error;
};

/** A person with a browser. */
export const context = (changes: Partial<CommandContext> = {}): CommandContext => ({
  actor: { kind: 'user', id: 'ada' },
  credential: { kind: 'password', id: 'ada' },
  via: 'registry',
  asSuperuser: false,
  ip: '192.0.2.7',
  userAgent: 'test/1.0',
  correlationId: 'test',
  ...changes,
});

/** Costs nothing, and shows in the clear what was hashed. */
export const plainPasswords: PasswordHasher = {
  hash: (password) => Promise.resolve(`plain:${password}`),
  verify: (hash, password) => Promise.resolve(hash === `plain:${password}`),
};
