import { DomainError } from '../shared/errors.js';
import type { EventId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import type { NamespaceEvent } from './events.js';
import { activeNamespace, type Namespace } from './namespace.js';

/** The address that the caller knew is not the present one any more. */
export class ContactEmailChanged extends DomainError {
  readonly code = 'contact-email-changed';
  constructor() {
    super('somebody else changed the e-mail address at the same time: look at it and try again');
  }
}

export type SetContactEmail = {
  /** What the sealed addresses are bound to. */
  readonly id: EventId;
  readonly email: Sealed | null;
  readonly emailHmac: string | null;
  readonly previous: Sealed | null;
  readonly previousHmac: string | null;
};

/** That the address is another one than before, the command has seen: sealed addresses cannot be compared. */
export function decideSetContactEmail(command: SetContactEmail, state: Namespace): NamespaceEvent[] {
  const { id, email, emailHmac, previous, previousHmac } = command;
  if (activeNamespace(state).contactEmailHmac !== previousHmac) throw new ContactEmailChanged();
  return [{ id, type: 'ContactEmailSet', data: { email, emailHmac, previous } }];
}

/** Each is a fact of its own in the usage log. The address is sealed and bound to the id. */
export type SetInvoicing =
  { readonly invoiceEmail: boolean } | { readonly id: EventId; readonly invoiceEmailAddress: Sealed | null };

export function decideSetInvoicing(command: SetInvoicing, state: Namespace): NamespaceEvent[] {
  activeNamespace(state);
  if ('invoiceEmail' in command) return [{ type: 'InvoicingSet', data: { invoiceEmail: command.invoiceEmail } }];
  const { id, invoiceEmailAddress } = command;
  return [{ id, type: 'InvoicingSet', data: { invoiceEmailAddress } }];
}

export function decideSetTimeMachineWindow(seconds: number, state: Namespace): NamespaceEvent[] {
  return activeNamespace(state).timeMachineSeconds === seconds
    ? []
    : [{ type: 'TimeMachineWindowSet', data: { seconds } }];
}
