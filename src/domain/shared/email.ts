import type { Brand } from './brand.js';
import { DomainError } from './errors.js';

/** An address as it was given; addresses that differ in capitals alone are one (contract: conventions §11). */
export type EmailAddress = Brand<string, 'EmailAddress'>;

export class EmailInvalid extends DomainError {
  readonly code = 'email-invalid';
  constructor(given: string) {
    super(`Invalid email address: ${given.slice(0, LONGEST)}`);
  }
}

const LONGEST = 254;
/** Something before the one `@`, and a domain of two labels or more. Neither spaces nor what could end a header. */
const ADDRESS = /^[^@\s\p{Cc}]+@(?:[^@.\s\p{Cc}]+\.)+[^@.\s\p{Cc}]+$/u;

/** @throws EmailInvalid */
export function parseEmail(given: string): EmailAddress {
  if (given.length > LONGEST || !ADDRESS.test(given)) throw new EmailInvalid(given);
  return given as EmailAddress;
}
