import type { EventsOf } from '../shared/event.js';
import type { StreamName } from '../shared/ids.js';

/**
 * The stream of one name: `name-namespace-<name>`, `name-repository-<namespace id>/<name>`, `name-email-<hmac>`,
 * and `name-first-account` for the one account that initialized the registry. Its last event tells who may bear the name.
 */
export type NameEvents = {
  /** The name is the owner's, unless the owner's stream tells that he did not take it up. */
  NameClaimed: {
    /** Who may bear the name: the stream of an account, a namespace or a repository. */
    readonly owner: StreamName;
  };
  /** The name is free again. */
  NameReleased: {
    /** Who bore the name until now. */
    readonly owner: StreamName;
  };
};

export type NameEvent = EventsOf<NameEvents>;
