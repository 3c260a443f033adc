import type { EventsOf } from '../shared/event.js';
import type { ApplicationEvents } from './application/events.js';
import type { DefaultPermissionEvents } from './defaultPermission/events.js';
import type { InviteEvents } from './invite/events.js';
import type { TeamEvents } from './team/events.js';

/**
 * The stream `organization-<namespace id>`: what only organizations have. That the namespace is an organization, and that
 * it ends, its own stream tells; it is written after the first team, and before the end. The namespace of a user may have
 * applications, and nothing else of this.
 */
export type OrganizationEvents = TeamEvents & InviteEvents & DefaultPermissionEvents & ApplicationEvents;

export type OrganizationEvent = EventsOf<OrganizationEvents>;
