import { DomainError } from '../../shared/errors.js';

/** The messages are the contract's (organizations.md, sections 2 to 4). */

export class TeamUnknown extends DomainError {
  readonly code = 'team-unknown';
  constructor(team: string, organization: string) {
    super(`Team '${team}' is not a team in org '${organization}'`, { team, organization });
  }
}

/** A team that was deleted between being looked up and being changed. */
export class TeamGone extends DomainError {
  readonly code = 'team-gone';
  constructor() {
    super('the team does not exist any more');
  }
}

export class OrganizationFounded extends DomainError {
  readonly code = 'organization-founded';
  constructor() {
    super('the organization has teams already');
  }
}

/** A change that would take the caller's own right to administer the organization. */
export class AdminNeeded extends DomainError {
  readonly code = 'admin-needed';
}

export class AlreadyMember extends DomainError {
  readonly code = 'already-member';
  constructor(member: string, team: string) {
    super(`User ${member} is already a member of team ${team}`, { member, team });
  }
}

export class NotMember extends DomainError {
  readonly code = 'not-member';
  constructor(member: string, team: string) {
    super(`User ${member} does not belong to team ${team}`, { member, team });
  }
}
