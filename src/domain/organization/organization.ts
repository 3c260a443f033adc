import type { Aggregate } from '../shared/event.js';
import { evolveApplications, noApplications, type Applications } from './application/state.js';
import { evolveDefaultPermissions, type DefaultPermissions } from './defaultPermission/state.js';
import type { OrganizationEvent } from './events.js';
import { evolveInvites, type Invites } from './invite/state.js';
import { evolveTeams, type Teams } from './team/state.js';

/** What the deciders of one organization judge by. Each topic folds its own part, and may look at every event. */
export type Organization = {
  readonly teams: Teams;
  readonly invites: Invites;
  readonly defaultPermissions: DefaultPermissions;
  readonly applications: Applications;
};

/** The parts are changed in place: a large organization must not be copied for each new member. */
export const organizationAggregate: Aggregate<Organization, OrganizationEvent> = {
  category: 'organization',
  version: 1,
  initial: () => ({
    teams: new Map(),
    invites: new Map(),
    defaultPermissions: new Map(),
    applications: noApplications(),
  }),
  evolve(state, event) {
    evolveTeams(state.teams, event);
    evolveInvites(state.invites, event);
    evolveDefaultPermissions(state.defaultPermissions, event);
    evolveApplications(state.applications, event);
    return state;
  },
};
