import type { Config } from '../config/config.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { monotonicTime, type MonotonicTime } from '../concurrency/monotonicTime.js';
import { Attendance, tellPresence, type Presence } from '../workers/presence.js';
import { systemClock } from './core.js';
import type { Failed } from './failed.js';
import { nodeName } from './node.js';

export type AttendOptions = {
  readonly config: Pick<Config, 'NODE_NAME' | 'LEASE_SECONDS'>;
  /** What it does, for people. */
  readonly roles: readonly string[];
  readonly operational: OperationalStore;
  readonly failed: Failed;
  /** Is told, in words for people, whom it waits for. */
  readonly waits?: (what: string) => void;
  readonly time?: MonotonicTime;
};

/**
 * Tells that this process serves on engines that many share, before it does: what is moved elsewhere must have nobody who
 * writes to it, and a process that only answers requests holds no lease.
 *
 * @throws Error in one line if a migration is under way; StoreUnavailable
 */
export async function attend(options: AttendOptions): Promise<Presence> {
  const { config, roles, operational, failed, waits, time = monotonicTime } = options;
  const presence = await tellPresence({
    ...{ operational, clock: systemClock, time },
    presence: { kind: 'serving', node: nodeName(config), roles, seconds: config.LEASE_SECONDS },
    failed: (error) => {
      failed('presence', error);
    },
  });
  try {
    const mover = await new Attendance({ operational, kind: 'migrating', waits, time }).living();
    if (!mover) return presence;
    throw new Error(`this registry is being moved by ${mover.node}: nobody may serve it until that has ended`);
  } catch (error) {
    await presence.stop();
    throw error;
  }
}
