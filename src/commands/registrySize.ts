import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAlive, plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import type { ContentRecord } from './contents.js';

/** One calculation at a time, whoever asks for it. `lease`: while it runs, until when others leave it alone. */
type SizeRecord = {
  readonly state: 'done' | 'queued' | 'running';
  readonly sizeBytes: number;
  readonly lastRan: Timestamp | null;
  readonly lease: Timestamp | null;
};

export type RegistrySizeStatus = Pick<SizeRecord, 'sizeBytes' | 'lastRan'> & {
  readonly queued: boolean;
  readonly running: boolean;
};

/** One record. */
export const REGISTRY_SIZE = 'registry-size';
const KEY = 'size';
const NEVER: SizeRecord = { state: 'done', sizeBytes: 0, lastRan: null, lease: null };

const PAGE = 500;
const LEASE_SECONDS = 60;

/** How many bytes the registry stores, each content counted once. Computed from what is there, on demand. */
export class RegistrySize {
  #queued: () => void = () => undefined;

  constructor(private readonly deps: { readonly operational: OperationalStore; readonly clock: Clock }) {}

  /** Called when a calculation was asked for, by whoever runs it. */
  onQueued(listener: () => void): void {
    this.#queued = listener;
  }

  async status(): Promise<RegistrySizeStatus> {
    const record = await this.#record();
    const { sizeBytes, lastRan } = record?.value ?? NEVER;
    const running = record !== undefined && this.#isRunning(record.value);
    return { sizeBytes, lastRan, running, queued: !running && record !== undefined && record.value.state !== 'done' };
  }

  /** @returns false if one is waiting or running already */
  async queue(): Promise<boolean> {
    const record = await this.#record();
    if (record && record.value.state !== 'done') return false;
    const { sizeBytes, lastRan } = record?.value ?? NEVER;
    const queued = await this.#write({ state: 'queued', sizeBytes, lastRan, lease: null }, record?.version ?? 0);
    if (queued === undefined) return false;
    this.#queued();
    return true;
  }

  /**
   * Does what was asked for, unless somebody else does it.
   *
   * @param signal ends it between two pages; it is asked for again then, and whoever comes next begins anew
   */
  async run(signal?: AbortSignal): Promise<void> {
    const record = await this.#record();
    if (!record || record.value.state === 'done' || this.#isRunning(record.value)) return;
    const { sizeBytes, lastRan } = record.value;
    let version = await this.#write({ state: 'running', sizeBytes, lastRan, lease: this.#lease() }, record.version);
    if (version === undefined) return;
    let bytes = 0;
    let renewal = this.#renewal();
    for await (const page of this.#pages()) {
      for (const { size, state } of page) if (state !== 'gone' && state !== 'missing') bytes += size;
      if (signal?.aborted === true) {
        await this.#write({ state: 'queued', sizeBytes, lastRan, lease: null }, version);
        return;
      }
      if (this.deps.clock.now() < renewal) continue;
      version = await this.#write({ state: 'running', sizeBytes, lastRan, lease: this.#lease() }, version);
      if (version === undefined) return;
      renewal = this.#renewal();
    }
    await this.#write({ state: 'done', sizeBytes: bytes, lastRan: this.deps.clock.now(), lease: null }, version);
  }

  /** Others have their turn between two pages. */
  async *#pages(): AsyncIterable<readonly ContentRecord[]> {
    let after: string | undefined;
    for (;;) {
      const query = { limit: PAGE, ...(after === undefined ? {} : { after }) };
      const records = await this.deps.operational.list<ContentRecord>('contents', query);
      yield records.map(({ value }) => value);
      after = records.at(-1)?.key;
      if (records.length < PAGE) return;
      await nextTurn();
    }
  }

  #record(): Promise<OperationalRecord<SizeRecord> | undefined> {
    return this.deps.operational.get<SizeRecord>(REGISTRY_SIZE, KEY);
  }

  #isRunning({ state, lease }: SizeRecord): boolean {
    return state === 'running' && isAlive(lease, this.deps.clock.now());
  }

  #lease(): Timestamp {
    return plusSeconds(this.deps.clock.now(), LEASE_SECONDS);
  }

  #renewal(): Timestamp {
    return plusSeconds(this.deps.clock.now(), LEASE_SECONDS / 2);
  }

  /** @returns the record's version from now on; undefined if somebody else was faster */
  async #write(value: SizeRecord, expected: number): Promise<number | undefined> {
    try {
      await this.deps.operational.write([{ kind: 'put', collection: REGISTRY_SIZE, key: KEY, value, expected }]);
      return expected + 1;
    } catch (error) {
      if (error instanceof VersionConflict) return undefined;
      throw error;
    }
  }
}
