import { randomUUID } from 'node:crypto';
import { pagesOf } from '../commands/migration/records.js';
import { monotonicTime, waitFor, type MonotonicTime } from '../concurrency/monotonicTime.js';
import { plusSeconds } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';

/** One record for each process that is there, whichever of its roles have leases: those that only answer requests have none. */
export const PRESENCES = 'presences';

export type PresenceRecord = {
  readonly kind: 'serving' | 'migrating';
  /** How the process is called, for people. */
  readonly node: string;
  readonly roles: readonly string[];
  /** Who lives writes his record anew three times in so long. */
  readonly seconds: number;
};

export type PresenceOptions = {
  readonly operational: OperationalStore;
  readonly clock: Clock;
  readonly presence: PresenceRecord;
  /** Is told of a renewal that failed; the next one comes soon. */
  readonly failed: (error: unknown) => void;
  readonly time?: MonotonicTime;
};

export type Presence = {
  /** Takes the record away; where that cannot be done, it is swept. */
  stop(): Promise<void>;
};

const RENEWED_AFTER = 1 / 3;
const TRIED_AGAIN_AFTER = 1 / 20;
const LOOKED_AT_AFTER = 1 / 20;
/** Who looks for one that lives has seen a renewal of his by then, and has ended; the rest is for engines that are slow. */
const SEEN_AFTER = 1 / 2;
/** The waits for signs of life are short, and are not called off. */
const NEVER = new AbortController().signal;
/**
 * What a process that died leaves is swept then, where nobody waited for it in vain before; clocks of two machines differ
 * by less. One swept too early comes again.
 */
const KEPT_SECONDS = 86_400;

/** Tells others that this process is there, from now on until it stops. @throws StoreUnavailable if nobody can be told */
export async function tellPresence(options: PresenceOptions): Promise<Presence> {
  const { operational, clock, presence, failed, time = monotonicTime } = options;
  const key = randomUUID();
  const stopping = new AbortController();
  const put = (): Promise<void> => {
    const due = plusSeconds(clock.now(), KEPT_SECONDS);
    return operational.write([{ kind: 'put', collection: PRESENCES, key, value: presence, due }]);
  };
  const renew = async (): Promise<void> => {
    for (let pause = RENEWED_AFTER; ;) {
      await waitFor(time, presence.seconds * 1000 * pause, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await put();
        pause = RENEWED_AFTER;
      } catch (error) {
        failed(error);
        pause = TRIED_AGAIN_AFTER;
      }
    }
  };
  await put();
  const renewing = renew();
  return {
    stop: async () => {
      stopping.abort();
      await renewing;
      try {
        await operational.write([{ kind: 'delete', collection: PRESENCES, key }]);
      } catch (error) {
        failed(error);
      }
    },
  };
}

/**
 * Tells the living from the dead among those who were there: who lives writes his record anew. No clocks are compared,
 * versions are. What the dead left is taken away, so that it is waited for once.
 */
export class Attendance {
  /** Versions by key. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly options: {
      readonly operational: OperationalStore;
      readonly kind: PresenceRecord['kind'];
      /** Is told, in words for people, whom it waits for and for how long. */
      readonly waits?: ((what: string) => void) | undefined;
      readonly time?: MonotonicTime;
    },
  ) {}

  /**
   * Looks until somebody lives, or all have been silent for as long as they may be. Nobody is waited for where there is no
   * record.
   *
   * @returns one who lives; undefined: nobody does
   */
  async living(): Promise<PresenceRecord | undefined> {
    return this.#signOfLife(await this.#look(), (record) => this.#seen.get(record.key) !== record.version);
  }

  /**
   * Looks whether anybody was dead only seemingly, or has come to stay since `living` looked for the first time. Who came,
   * found that he must not, and ended or was killed has done nothing, though his record may stay: that is waited for.
   *
   * @param seconds of the presence of this process, which those who come look for before they do anything
   */
  async came(seconds: number): Promise<PresenceRecord | undefined> {
    const { time = monotonicTime } = this.options;
    const there = await this.#look();
    const awoken = there.find((record) => this.#isAwoken(record));
    const newcomers = new Set(there.map(({ key }) => key).filter((key) => !this.#seen.has(key)));
    if (awoken || newcomers.size === 0) return awoken?.value;
    await waitFor(time, seconds * 1000 * SEEN_AFTER, NEVER);
    // Those who come still later are not looked for: they find this process just the same.
    const staying = (await this.#look()).filter(({ key }) => newcomers.has(key));
    return this.#signOfLife(staying, (record) => this.#isAwoken(record));
  }

  /** Looks for one as long as those who are there may be silent. */
  async #signOfLife(there: readonly Seen[], isOne: (record: Seen) => boolean): Promise<PresenceRecord | undefined> {
    if (there.length === 0) return undefined;
    const { time = monotonicTime, waits } = this.options;
    const begun = time.now();
    for (const { key, version } of there) this.#seen.set(key, version);
    const seconds = Math.max(...there.map(({ value }) => value.seconds));
    waits?.(`waiting up to ${seconds} s to see whether ${namesOf(there)} still lives`);
    while (time.now() - begun < seconds * 1000) {
      await waitFor(time, seconds * 1000 * LOOKED_AT_AFTER, NEVER);
      const one = (await this.#look()).find(isOne);
      if (one) return one.value;
    }
    return this.#clear(there);
  }

  /** Takes away what the silent left. @returns one who showed just now that he lives */
  async #clear(silent: readonly Seen[]): Promise<PresenceRecord | undefined> {
    const { operational } = this.options;
    for (const { key, version } of silent) {
      try {
        await operational.write([{ kind: 'delete', collection: PRESENCES, key, expected: version }]);
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        const awoken = await operational.get<PresenceRecord>(PRESENCES, key);
        if (awoken) return awoken.value;
      }
      // One who awakes writes it again, and versions begin anew then.
      this.#seen.set(key, GONE);
    }
    return undefined;
  }

  #isAwoken({ key, version }: Seen): boolean {
    return (this.#seen.get(key) ?? version) !== version;
  }

  async #look(): Promise<readonly OperationalRecord<PresenceRecord>[]> {
    const { operational, kind } = this.options;
    const all: OperationalRecord<PresenceRecord>[] = [];
    for await (const page of pagesOf<PresenceRecord>(operational, PRESENCES)) all.push(...page);
    return all.filter(({ value }) => value.kind === kind);
  }
}

type Seen = OperationalRecord<PresenceRecord>;

/** No record has this version. */
const GONE = 0;

const namesOf = (there: readonly Seen[]): string => [...new Set(there.map(({ value }) => value.node))].join(', ');
