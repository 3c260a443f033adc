import { readFileSync } from 'node:fs';
import { median } from '../statistics.js';
import type { Server } from './process.js';

/** The kernel counts a process's time in hundredths of a second (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

/** What one piece of work costs each server in CPU time: unlike a rate, it hardly depends on what else the machine does. */
export class CpuCosts {
  readonly #costs = new Map<string, number[]>();

  /** @param work answers how many pieces were done */
  async of(server: Pick<Server, 'name' | 'pid'>, work: () => Promise<number>): Promise<void> {
    const before = cpuSeconds(server.pid);
    const done = await work();
    const after = cpuSeconds(server.pid);
    if (before === undefined || after === undefined) return;
    const known = this.#costs.get(server.name) ?? [];
    this.#costs.set(server.name, [...known, (after - before) / done]);
  }

  /** In microseconds, for the notes of a row. */
  text(): string {
    const costs = [...this.#costs].map(([name, all]) => `${name} ${Math.round(median(all) * 1e6)}`);
    return `µs of CPU each: ${costs.join(', ')}`;
  }
}

/** CPU time that a process has used so far in user and kernel, in seconds, all threads together; undefined off Linux. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in brackets that may hold blanks; user and kernel time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
