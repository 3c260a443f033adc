import type { EventsOf } from '../shared/event.js';
import type { AccountId } from '../shared/ids.js';

/** The stream `namespace-<id>`: what the namespaces of users and of organizations share. */
export type NamespaceEvents = {
  NamespaceCreated: {
    readonly name: string;
    readonly kind: NamespaceKind;
    /** The account whose namespace it is; null for an organization. */
    readonly owner: AccountId | null;
    readonly timeMachineSeconds: number;
  };
  TimeMachineWindowSet: { readonly seconds: number };
  NamespaceDisabled: Record<string, never>;
  NamespaceEnabled: Record<string, never>;
  NamespaceDeleted: Record<string, never>;
  CreationAbandoned: Record<string, never>;
};

export type NamespaceKind = 'user' | 'organization';
export type NamespaceEvent = EventsOf<NamespaceEvents>;
