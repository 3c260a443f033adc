import { DomainError } from '../../shared/errors.js';

export class ApplicationUnknown extends DomainError {
  readonly code = 'application-unknown';
  constructor() {
    super('there is no such application');
  }
}

export class ApplicationNameReserved extends DomainError {
  readonly code = 'application-name-reserved';
  constructor() {
    super('Application name is reserved for bootstrap token provisioning');
  }
}

export class ApplicationTokenUnknown extends DomainError {
  readonly code = 'application-token-unknown';
  constructor() {
    super('there is no such token');
  }
}

export class TokenLimitReached extends DomainError {
  readonly code = 'token-limit-reached';
  constructor(maximum: number) {
    super(`Token limit reached: maximum ${maximum} non-expired tokens per application`, { maximum });
  }
}

/** The assignment was used or withdrawn, or is not for this account, this application or these scopes. */
export class AssignmentUnknown extends DomainError {
  readonly code = 'assignment-unknown';
  constructor() {
    super('there is no such assigned authorization');
  }
}

/** He has been asked often enough: he may answer first. */
export class TooManyAssignments extends DomainError {
  readonly code = 'too-many-assignments';
  constructor(most: number) {
    super(`At most ${most} assigned authorizations of an organization can wait for one user`, { most });
  }
}
