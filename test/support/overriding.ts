import type { EventStore } from '../../src/ports/eventStore.js';

/** The store, but for some of its methods. */
export const overriding = (events: EventStore, methods: Partial<EventStore>): EventStore => ({
  append: (...call) => events.append(...call),
  read: (...call) => events.read(...call),
  readLast: (...call) => events.readLast(...call),
  readAll: (...call) => events.readAll(...call),
  end: () => events.end(),
  subscribeAll: (...call) => events.subscribeAll(...call),
  ...methods,
});
