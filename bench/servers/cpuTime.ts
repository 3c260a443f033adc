import { readFileSync } from 'node:fs';

/** The kernel counts a process's time in hundredths of a second (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

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
