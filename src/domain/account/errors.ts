import { DomainError } from '../shared/errors.js';

export class AccountUnknown extends DomainError {
  readonly code = 'account-unknown';
  constructor() {
    super('there is no such account');
  }
}

export class AccountExists extends DomainError {
  readonly code = 'account-exists';
  constructor() {
    super('the account exists already');
  }
}

/** Only an empty registry is initialized. */
export class FirstAccountExists extends DomainError {
  readonly code = 'first-account-exists';
  constructor() {
    super('the registry has a first account already');
  }
}

/** Another account has the address (contract: conventions §11). */
export class EmailTaken extends DomainError {
  readonly code = 'email-taken';
  constructor(email: string) {
    super(`Email has already been used: ${email}`);
  }
}

export class AppTokenUnknown extends DomainError {
  readonly code = 'app-token-unknown';
  constructor() {
    super('there is no such token');
  }
}

/** Somebody took the claim of the new address for an abandoned one: claim it again. */
export class EmailClaimLost extends DomainError {
  readonly code = 'email-claim-lost';
  constructor() {
    super('the e-mail address was claimed by somebody else meanwhile');
  }
}

/** Without him nobody could administer these organizations any more (contract: accounts §1, delete). */
export class SoleAdministrator extends DomainError {
  readonly code = 'sole-administrator';
  constructor(name: string, organizations: readonly string[]) {
    const listed = organizations.join(', ');
    super(`Cannot delete ${name} as you are the only admin for organizations: ${listed}`, { organizations });
  }
}
