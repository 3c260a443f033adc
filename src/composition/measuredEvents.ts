import { RevisionConflict } from '../ports/errors.js';
import type { EventStore } from '../ports/eventStore.js';
import type { Metrics } from '../telemetry/metrics.js';

/** The event store, with its appends counted and timed. */
export function measuredEvents(events: EventStore, { appends }: Metrics): EventStore {
  return {
    append: async (stream, envelopes, expected) => {
      const started = performance.now();
      try {
        const appended = await events.append(stream, envelopes, expected);
        appends.record(envelopes.length, (performance.now() - started) / 1000);
        return appended;
      } catch (error) {
        if (error instanceof RevisionConflict) appends.conflict();
        throw error;
      }
    },
    read: (stream, from) => events.read(stream, from),
    readLast: (stream) => events.readLast(stream),
    readAll: (after, limit) => events.readAll(after, limit),
    end: () => events.end(),
    subscribeAll: (after, signal) => events.subscribeAll(after, signal),
  };
}
