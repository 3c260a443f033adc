import type { Brand } from './brand.js';
import { DomainError } from './errors.js';

/** A password that somebody may choose. */
export type NewPassword = Brand<string, 'NewPassword'>;

export class PasswordInvalid extends DomainError {
  readonly code = 'password-invalid';
  constructor() {
    super('Invalid password, password must be at least 8 characters and contain no whitespace.');
  }
}

const SHORTEST = 8;
/** Hashing it costs by its length. */
const LONGEST = 4_096;

/** @throws PasswordInvalid (contract: conventions §11) */
export function parsePassword(given: string): NewPassword {
  if (given.length < SHORTEST || given.length > LONGEST || /\s/.test(given)) throw new PasswordInvalid();
  return given as NewPassword;
}
