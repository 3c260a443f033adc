import { MigrationRefused } from '../commands/migration/refusals.js';
import { monotonicTime, waitFor, type MonotonicTime } from '../concurrency/monotonicTime.js';
import type { Clock } from '../ports/clock.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Attendance, tellPresence, type PresenceRecord } from '../workers/presence.js';
import { Lease, LEASES, type Holding, type LeaseRecord } from '../workers/lease.js';
import { LeaseLost, type Term } from '../workers/leaseTerm.js';
import { everyStep } from './everyStep.js';

export type KeepOutOptions = {
  readonly operational: OperationalStore;
  readonly clock: Clock;
  /** Of leases that nobody may take meanwhile, whether anybody ever had them; all others that there are come to them. */
  readonly names: readonly string[];
  /** How this process is called. */
  readonly holder: string;
  /** Who has been silent for so long is dead. */
  readonly seconds: number;
  /** Is told when others could not be told that this process is still there. */
  readonly failed: (error: unknown) => void;
  /** Is told, in words for people, whom it waits for. */
  readonly waits?: (what: string) => void;
  readonly time?: MonotonicTime;
};

/** Nobody else has the leases until they are given back, and who starts finds that he must not. */
export type KeptOut = {
  /**
   * Takes up to one and a half times as long as one may be silent, where somebody began to come.
   *
   * @throws MigrationRefused if somebody took one over meanwhile, or serves without any
   */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
};

/** So many times as long as a holder may be silent: then a dead one was noticed. */
const PATIENCE = 2;
/** There are a few: for each thing that one process does at a time, and for each version that builds read models. */
const MOST_LEASES = 1_000;

/**
 * Keeps those out who serve on engines. Whoever lives is refused; who died is waited for. Then it takes their leases, so that
 * nobody goes on who stood still meanwhile. Who only answers requests has no lease: he is known by his presence, and one who
 * starts looks for ours. Each tells that he is there before he looks for the other, so at least one of two finds the other.
 *
 * @throws MigrationRefused if one of them lives
 */
export async function keepOut(options: KeepOutOptions): Promise<KeptOut> {
  const { operational, clock, holder, seconds, failed, waits, time = monotonicTime } = options;
  const own = await tellPresence({
    ...{ operational, clock, failed, time },
    presence: { kind: 'migrating', node: holder, roles: [], seconds },
  });
  try {
    const attendance = new Attendance({ operational, kind: 'serving', waits, time });
    const living = await attendance.living();
    if (living) throw new MigrationRefused(`${called(living)} serves one of the two: stop all of its processes first`);
    const leases = await takeLeases(options);
    return {
      assertHeld: async () => {
        const came = await attendance.came(seconds);
        if (came) throw new MigrationRefused(`${called(came)} began to serve one of the two meanwhile: ${AGAIN}`);
        const lost = leases.lost();
        if (!lost) return;
        throw new MigrationRefused(`somebody began to serve one of the two meanwhile (${lost.message}): ${AGAIN}`);
      },
      release: () => everyStep([() => leases.release(), () => own.stop()]),
    };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

const AGAIN = 'stop it, and migrate again';

const called = ({ node, roles }: PresenceRecord): string => `${node} (roles: ${roles.join(', ')})`;

type Leases = { lost(): LeaseLost | undefined; release(): Promise<void> };

async function takeLeases(options: KeepOutOptions): Promise<Leases> {
  const holdings: Holding[] = [];
  const losses: LeaseLost[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(holdings.map((holding) => holding.stop()));
  };
  const known = await options.operational.list(LEASES, { limit: MOST_LEASES });
  const names = new Set([...options.names, ...known.map(({ key }) => key)]);
  const taking = [...names].map((name) => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const failed = (error: unknown): void => {
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const work = async (term: Term): Promise<void> => {
      resolve(undefined);
      const reason = await ended(term);
      if (reason instanceof LeaseLost) losses.push(reason);
    };
    holdings.push(new Lease({ ...options, name, failed }).hold(work));
    return orRefused(promise, name, options);
  });
  const refused = (await Promise.allSettled(taking)).find(({ status }) => status === 'rejected');
  if (refused?.status === 'rejected') {
    await release();
    throw refused.reason;
  }
  return { release, lost: () => losses[0] };
}

/** @throws MigrationRefused if it takes longer than it may */
async function orRefused(
  taken: Promise<undefined>,
  name: string,
  { operational, seconds, time = monotonicTime }: KeepOutOptions,
): Promise<void> {
  const decided = new AbortController();
  const late = waitFor(time, PATIENCE * seconds * 1000, decided.signal).then(() => 'late' as const);
  try {
    if ((await Promise.race([taken, late])) !== 'late') return;
    const record = await operational.get<LeaseRecord>(LEASES, name);
    const holder = record?.value.holder ?? 'somebody';
    throw new MigrationRefused(
      `${holder} serves one of the two (it holds the lease ${name}): stop all of its processes first`,
    );
  } finally {
    decided.abort();
  }
}

function ended({ signal }: Term): Promise<unknown> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(signal.reason);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
