import { createRequire } from 'node:module';

type Queue = { readonly pending: readonly unknown[]; readonly throttledUntil: number };
type Schedule = (this: Queue) => void;
const METHOD = 'scheduleCheckPendingRequests';

/**
 * Each connection of kafkajs 2.2.4 asks itself every millisecond, for as long as it lives, whether a request waits; each
 * time with a negative delay, about which Node.js 24 warns (tulios/kafkajs issues 1704 and 1751). Asking only while there
 * is something to wait for costs nothing, and every request that has to wait asks when it comes.
 *
 * @throws Error if this is a kafkajs that looks different inside
 */
export function calmRequestQueues(): void {
  const loaded: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
  const prototype: unknown = typeof loaded === 'function' ? loaded.prototype : undefined;
  if (!hasSchedule(prototype)) throw new Error('the request queue of kafkajs has changed: see calmRequestQueues');
  const schedule = prototype[METHOD];
  if (calmed.has(schedule)) return;
  const calm: Schedule = function (this: Queue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  calmed.add(calm);
  prototype[METHOD] = calm;
}

const calmed = new WeakSet<Schedule>();

const hasSchedule = (prototype: unknown): prototype is { [METHOD]: Schedule } =>
  typeof prototype === 'object' && prototype !== null && METHOD in prototype && typeof prototype[METHOD] === 'function';
