import { plusSeconds, millisecondsOf, timestamp, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import type { Sealing } from './sealing.js';

/** Of `OperationalStore`; what is due in it is forgotten. */
export const LOGIN_FAILURES = 'loginFailures';

type FailuresRecord = { readonly count: number; readonly last: Timestamp };

const LONGEST_SECONDS = 24 * 3600;
/** A name that was mistyped once or twice is soon forgotten: whoever makes up names leaves no more than an hour of them. */
const FEW = 3;
const FEW_REMEMBERED_SECONDS = 3600;
const REMEMBERED_SECONDS = 24 * 3600;

type Deps = {
  readonly operational: OperationalStore;
  readonly sealing: Pick<Sealing, 'lookup'>;
  readonly clock: Clock;
};

/**
 * The brake on guessing: after n failures in a row a name is locked for 0.5·(2ⁿ − 1) seconds from the last one
 * (contract: conventions §2). Attempts while it is locked do not count. All processes count together; names are kept as
 * HMACs.
 */
export class LoginAttempts {
  constructor(private readonly deps: Deps) {}

  /** @param name as it was typed; the same in capitals */
  async of(name: string): Promise<NamedAttempts> {
    const key = await this.#key(name);
    return new NamedAttempts(this.deps, key, await this.deps.operational.get<FailuresRecord>(LOGIN_FAILURES, key));
  }

  /** They begin anew. */
  async forgive(names: readonly string[]): Promise<void> {
    const keys = await Promise.all(names.map((name) => this.#key(name)));
    await this.deps.operational.write(
      keys.map((key) => ({ kind: 'delete', collection: LOGIN_FAILURES, key }) as const),
    );
  }

  #key(name: string): Promise<string> {
    return this.deps.sealing.lookup('login', sameName(name));
  }
}

/** How a name is told apart from others, however it was typed. */
export const sameName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** Those of one name, as they stood when it was asked for. */
export class NamedAttempts {
  constructor(
    private readonly deps: Pick<Deps, 'operational' | 'clock'>,
    private readonly key: string,
    private readonly record: OperationalRecord<FailuresRecord> | undefined,
  ) {}

  /** How long the name is still locked; 0 if it is not. */
  get lockedSeconds(): number {
    if (!this.record) return 0;
    const left = millisecondsOf(lockedUntil(this.record.value)) - millisecondsOf(this.deps.clock.now());
    return Math.max(0, Math.ceil(left / 1000));
  }

  async failed(): Promise<void> {
    const { operational, clock } = this.deps;
    let { record } = this;
    for (;;) {
      const value = { count: (record?.value.count ?? 0) + 1, last: clock.now() };
      const remembered = value.count <= FEW ? FEW_REMEMBERED_SECONDS : REMEMBERED_SECONDS;
      const due = plusSeconds(lockedUntil(value), remembered);
      const write = { kind: 'put', collection: LOGIN_FAILURES, key: this.key, value, due } as const;
      try {
        await operational.write([{ ...write, expected: record?.version ?? 0 }]);
        return;
      } catch (error) {
        // A guess by way of another process: both count.
        if (!(error instanceof VersionConflict)) throw error;
        record = await operational.get<FailuresRecord>(LOGIN_FAILURES, this.key);
      }
    }
  }

  async succeeded(): Promise<void> {
    if (!this.record) return;
    await this.deps.operational.write([{ kind: 'delete', collection: LOGIN_FAILURES, key: this.key }]);
  }
}

function lockedUntil({ count, last }: FailuresRecord): Timestamp {
  return timestamp(millisecondsOf(last) + Math.min(0.5 * (2 ** count - 1), LONGEST_SECONDS) * 1000);
}
