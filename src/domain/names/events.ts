import type { EventsOf } from '../shared/event.js';
import type { StreamName } from '../shared/ids.js';

/**
 * The stream of one name: `name-namespace-<name>`, `name-repository-<namespace id>/<name>`, `name-email-<hmac>`.
 * Its last event tells who may bear the name.
 */
export type NameEvents = {
  NameClaimed: { readonly owner: StreamName };
  NameReleased: { readonly owner: StreamName };
};

export type NameEvent = EventsOf<NameEvents>;
