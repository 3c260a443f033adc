import type { Role } from './repository/events.js';

/**
 * How far a credential carries the rights of whom it acts for, one cap per axis: whatever the person may do, no more
 * than this is done with it (contract: conventions §5).
 */
export type Reach = {
  readonly repository: Role | undefined;
  readonly organization: 'creator' | 'admin' | undefined;
  readonly user: 'read' | 'admin' | undefined;
  readonly superuser: boolean;
};

/** Of somebody who is there himself: a session, a password. */
export const FULL_REACH: Reach = { repository: 'admin', organization: 'admin', user: 'admin', superuser: true };
